// The expected verdict for each test of NIST PKITS, and the reason where it differs from NIST. The names of most tests contain NIST's
// verdict. Tests with an initial policy set (initial-policy-set, initial-explicit-policy) run with any-policy, because Gatehouse has none.

function names(list: string): string[] {
  return list.trim().split(/\s+/)
}

/** By the verdict of `judgeChain`: `ok`, or the reason. */
export const pkitsVerdicts: Record<string, readonly string[]> = {
  ok: names(`
    AllCertificatesAnyPolicyTest11 AllCertificatesNoPoliciesTest2 AllCertificatesSamePoliciesTest10 AllCertificatesSamePoliciesTest13
    AllCertificatesSamePolicyTest1 AnyPolicyTest14 CPSPointerQualifierTest20 DifferentPoliciesTest3 InvalidBadCRLIssuerNameTest5
    InvalidBadCRLSignatureTest4 InvalidIDPwithindirectCRLTest23 InvalidIDPwithindirectCRLTest26 InvalidSeparateCertificateandCRLKeysTest21
    InvalidUnknownCRLEntryExtensionTest8 InvalidUnknownCRLExtensionTest10 InvalidUnknownCRLExtensionTest9 InvalidWrongCRLTest6
    InvalidcRLIssuerTest27 InvalidcRLIssuerTest31 InvalidcRLIssuerTest32 InvalidcRLIssuerTest34 InvalidcRLIssuerTest35
    InvaliddeltaCRLIndicatorNoBaseTest1 InvaliddeltaCRLTest4 InvaliddistributionPointTest3 InvaliddistributionPointTest8
    InvaliddistributionPointTest9 InvalidkeyUsageCriticalcRLSignFalseTest4 InvalidkeyUsageNotCriticalcRLSignFalseTest5
    InvalidonlyContainsAttributeCertsTest14 InvalidonlyContainsCACertsCRLTest12 InvalidonlySomeReasonsTest17 MissingCRLTest1
    UserNoticeQualifierTest15 UserNoticeQualifierTest16 UserNoticeQualifierTest17 UserNoticeQualifierTest18 UserNoticeQualifierTest19
    ValidBasicSelfIssuedCRLSigningKeyTest6 ValidBasicSelfIssuedNewWithOldTest3 ValidBasicSelfIssuedNewWithOldTest4
    ValidBasicSelfIssuedOldWithNewTest1 ValidDNSnameConstraintsTest30 ValidDNSnameConstraintsTest32 ValidDNandRFC822nameConstraintsTest27
    ValidDNnameConstraintsTest1 ValidDNnameConstraintsTest11 ValidDNnameConstraintsTest14 ValidDNnameConstraintsTest18
    ValidDNnameConstraintsTest4 ValidDNnameConstraintsTest5 ValidDNnameConstraintsTest6 ValidGeneralizedTimeCRLnextUpdateTest13
    ValidGeneralizedTimenotAfterDateTest8 ValidGeneralizedTimenotBeforeDateTest4 ValidIDPwithindirectCRLTest22 ValidIDPwithindirectCRLTest24
    ValidIDPwithindirectCRLTest25 ValidLongSerialNumberTest16 ValidLongSerialNumberTest17 ValidNameChainingCapitalizationTest5
    ValidNameChainingUIDsTest6 ValidNameChainingWhitespaceTest3 ValidNameChainingWhitespaceTest4 ValidNegativeSerialNumberTest14
    ValidNoissuingDistributionPointTest10 ValidPolicyMappingTest1 ValidPolicyMappingTest11 ValidPolicyMappingTest12 ValidPolicyMappingTest13
    ValidPolicyMappingTest14 ValidPolicyMappingTest3 ValidPolicyMappingTest5 ValidPolicyMappingTest6 ValidPolicyMappingTest9
    ValidRFC3280MandatoryAttributeTypesTest7 ValidRFC3280OptionalAttributeTypesTest8 ValidRFC822nameConstraintsTest21
    ValidRFC822nameConstraintsTest23 ValidRFC822nameConstraintsTest25 ValidRequireExplicitPolicyTest1 ValidRequireExplicitPolicyTest2
    ValidRequireExplicitPolicyTest4 ValidRolloverfromPrintableStringtoUTF8StringTest10 ValidSelfIssuedDNnameConstraintsTest19
    ValidSelfIssuedinhibitAnyPolicyTest7 ValidSelfIssuedinhibitAnyPolicyTest9 ValidSelfIssuedinhibitPolicyMappingTest7
    ValidSelfIssuedpathLenConstraintTest15 ValidSelfIssuedpathLenConstraintTest17 ValidSelfIssuedrequireExplicitPolicyTest6
    ValidSeparateCertificateandCRLKeysTest19 ValidSignaturesTest1 ValidTwoCRLsTest7 ValidURInameConstraintsTest34 ValidURInameConstraintsTest36
    ValidUTF8StringCaseInsensitiveMatchTest11 ValidUTF8StringEncodedNamesTest9 ValidUnknownNotCriticalCertificateExtensionTest1
    ValidbasicConstraintsNotCriticalTest4 ValidcRLIssuerTest28 ValidcRLIssuerTest29 ValidcRLIssuerTest30 ValidcRLIssuerTest33 ValiddeltaCRLTest2
    ValiddeltaCRLTest7 ValiddeltaCRLTest8 ValiddistributionPointTest1 ValiddistributionPointTest4 ValiddistributionPointTest5
    ValiddistributionPointTest7 ValidinhibitAnyPolicyTest2 ValidinhibitPolicyMappingTest2 ValidinhibitPolicyMappingTest4
    ValidkeyUsageNotCriticalTest3 ValidonlySomeReasonsTest18 ValidonlySomeReasonsTest19 ValidpathLenConstraintTest13 ValidpathLenConstraintTest7
    Validpre2000UTCnotBeforeDateTest3 inhibitAnyPolicyTest3
  `),
  no_valid_policy: names(`
    DifferentPoliciesTest12 DifferentPoliciesTest4 DifferentPoliciesTest5 DifferentPoliciesTest7 DifferentPoliciesTest8 DifferentPoliciesTest9
    InvalidMappingFromanyPolicyTest7 InvalidMappingToanyPolicyTest8 InvalidPolicyMappingTest10 InvalidPolicyMappingTest2
    InvalidPolicyMappingTest4 InvalidRequireExplicitPolicyTest3 InvalidRequireExplicitPolicyTest5 InvalidSelfIssuedinhibitAnyPolicyTest10
    InvalidSelfIssuedinhibitAnyPolicyTest8 InvalidSelfIssuedinhibitPolicyMappingTest10 InvalidSelfIssuedinhibitPolicyMappingTest11
    InvalidSelfIssuedinhibitPolicyMappingTest8 InvalidSelfIssuedinhibitPolicyMappingTest9 InvalidSelfIssuedrequireExplicitPolicyTest7
    InvalidSelfIssuedrequireExplicitPolicyTest8 InvalidinhibitAnyPolicyTest1 InvalidinhibitAnyPolicyTest4 InvalidinhibitAnyPolicyTest5
    InvalidinhibitAnyPolicyTest6 InvalidinhibitPolicyMappingTest1 InvalidinhibitPolicyMappingTest3 InvalidinhibitPolicyMappingTest5
    InvalidinhibitPolicyMappingTest6
  `),
  name_constraints: names(`
    InvalidDNSnameConstraintsTest31 InvalidDNSnameConstraintsTest33 InvalidDNSnameConstraintsTest38 InvalidDNandRFC822nameConstraintsTest28
    InvalidDNandRFC822nameConstraintsTest29 InvalidDNnameConstraintsTest10 InvalidDNnameConstraintsTest12 InvalidDNnameConstraintsTest13
    InvalidDNnameConstraintsTest15 InvalidDNnameConstraintsTest16 InvalidDNnameConstraintsTest17 InvalidDNnameConstraintsTest2
    InvalidDNnameConstraintsTest3 InvalidDNnameConstraintsTest7 InvalidDNnameConstraintsTest8 InvalidDNnameConstraintsTest9
    InvalidRFC822nameConstraintsTest22 InvalidRFC822nameConstraintsTest24 InvalidRFC822nameConstraintsTest26
    InvalidSelfIssuedDNnameConstraintsTest20 InvalidURInameConstraintsTest35 InvalidURInameConstraintsTest37
  `),
  revoked: names(`
    InvalidBasicSelfIssuedCRLSigningKeyTest7 InvalidBasicSelfIssuedNewWithOldTest5 InvalidBasicSelfIssuedOldWithNewTest2
    InvalidLongSerialNumberTest18 InvalidNegativeSerialNumberTest15 InvalidRevokedCATest2 InvalidRevokedEETest3
    InvalidSeparateCertificateandCRLKeysTest20 InvaliddeltaCRLTest3 InvaliddeltaCRLTest6 InvaliddeltaCRLTest9 InvaliddistributionPointTest2
    InvaliddistributionPointTest6 InvalidonlySomeReasonsTest15 InvalidonlySomeReasonsTest16 InvalidonlySomeReasonsTest20
    InvalidonlySomeReasonsTest21 ValiddeltaCRLTest5
  `),
  path_too_long: names(`
    InvalidSelfIssuedpathLenConstraintTest16 InvalidpathLenConstraintTest10 InvalidpathLenConstraintTest11 InvalidpathLenConstraintTest12
    InvalidpathLenConstraintTest5 InvalidpathLenConstraintTest6 InvalidpathLenConstraintTest9
  `),
  not_a_ca: names(`
    InvalidBasicSelfIssuedCRLSigningKeyTest8 InvalidMissingbasicConstraintsTest1 InvalidcAFalseTest2 InvalidcAFalseTest3
    InvalidkeyUsageCriticalkeyCertSignFalseTest1 InvalidkeyUsageNotCriticalkeyCertSignFalseTest2
  `),
  client_is_authority: names(`
    InvalidonlyContainsUserCertsCRLTest11 OverlappingPoliciesTest6 ValidonlyContainsCACertsCRLTest13 ValidpathLenConstraintTest14
    ValidpathLenConstraintTest8
  `),
  crl_expired: names(`
    InvalidOldCRLnextUpdateTest11 InvaliddeltaCRLTest10 Invalidpre2000CRLnextUpdateTest12
  `),
  malformed: names(`
    InvalidCASignatureTest2 InvalidDSASignatureTest6
  `),
  not_yet_valid: names(`
    InvalidCAnotBeforeDateTest1 InvalidEEnotBeforeDateTest2
  `),
  expired: names(`
    InvalidEEnotAfterDateTest6 Invalidpre2000UTCEEnotAfterDateTest7
  `),
  unknown_authority: names(`
    InvalidNameChainingEETest1 InvalidNameChainingOrderTest2
  `),
  unsupported_signature: names(`
    ValidDSAParameterInheritanceTest5 ValidDSASignaturesTest4
  `),
  authority_expired: names(`
    InvalidCAnotAfterDateTest5
  `),
  bad_signature: names(`
    InvalidEESignatureTest3
  `),
  unknown_critical_extension: names(`
    InvalidUnknownCriticalCertificateExtensionTest2
  `),
}

/** NIST's verdict with any-policy for tests whose name does not contain it. */
export const namelessVerdicts: Record<'ok' | 'refused', readonly string[]> = {
  ok: names(`
    AllCertificatesAnyPolicyTest11 AllCertificatesNoPoliciesTest2 AllCertificatesSamePoliciesTest10 AllCertificatesSamePoliciesTest13
    AllCertificatesSamePolicyTest1 AnyPolicyTest14 CPSPointerQualifierTest20 DifferentPoliciesTest3 OverlappingPoliciesTest6
    UserNoticeQualifierTest15 UserNoticeQualifierTest16 UserNoticeQualifierTest17 UserNoticeQualifierTest18 UserNoticeQualifierTest19
    inhibitAnyPolicyTest3
  `),
  refused: names(`
    DifferentPoliciesTest4 DifferentPoliciesTest5 DifferentPoliciesTest7 DifferentPoliciesTest8 DifferentPoliciesTest9 DifferentPoliciesTest12
    MissingCRLTest1
  `),
}

/** The reasons for verdicts that differ from NIST. */
export const pkitsDeviations: readonly { why: string; tests: readonly string[] }[] = [
  {
    why: 'Gatehouse does not require a CRL. NIST refuses a certificate without one.',
    tests: names(`MissingCRLTest1`),
  },
  {
    why: 'The CRL is unusable and refused at upload, with a reason. NIST refuses the certificates because they have no usable CRL.',
    tests: names(`
      InvalidBadCRLIssuerNameTest5 InvalidBadCRLSignatureTest4 InvalidWrongCRLTest6 InvalidUnknownCRLEntryExtensionTest8
      InvalidUnknownCRLExtensionTest9 InvalidUnknownCRLExtensionTest10 InvalidkeyUsageCriticalcRLSignFalseTest4
      InvalidkeyUsageNotCriticalcRLSignFalseTest5 InvalidSeparateCertificateandCRLKeysTest21 InvalidonlyContainsAttributeCertsTest14
    `),
  },
  {
    why: 'Indirect CRLs (for certificates of other issuers) are refused at upload.',
    tests: names(`
      InvalidIDPwithindirectCRLTest23 InvalidIDPwithindirectCRLTest26 InvalidcRLIssuerTest27 InvalidcRLIssuerTest31 InvalidcRLIssuerTest32
      InvalidcRLIssuerTest34 InvalidcRLIssuerTest35
    `),
  },
  {
    why: 'Partial CRLs revoke the certificates that they name. Whether they cover every certificate and reason is not checked.',
    tests: names(`
      InvaliddistributionPointTest3 InvaliddistributionPointTest8 InvaliddistributionPointTest9 InvalidonlyContainsCACertsCRLTest12
      InvalidonlySomeReasonsTest17
    `),
  },
  {
    why: 'Delta CRLs are refused at upload: the complete CRL decides, also if a delta removes a certificate from it.',
    tests: names(`InvaliddeltaCRLIndicatorNoBaseTest1 InvaliddeltaCRLTest4 ValiddeltaCRLTest5`),
  },
  {
    why: 'DSA is not supported: TLS clients cannot use it.',
    tests: names(`ValidDSASignaturesTest4 ValidDSAParameterInheritanceTest5`),
  },
  {
    why: 'The certificate is that of an authority. An authority cannot sign in as a client.',
    tests: names(`
      OverlappingPoliciesTest6 ValidonlyContainsCACertsCRLTest13 ValidpathLenConstraintTest8 ValidpathLenConstraintTest14
    `),
  },
]
