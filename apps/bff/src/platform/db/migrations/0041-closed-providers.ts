import { type Kysely, sql } from 'kysely'

interface Settings {
  bind?: string
  mqttPasswords?: boolean
  lastSignInDays?: number
}

/**
 * Since when a provider is disabled, and what decides about the passwords of its users. The statements of each CONNECT and each
 * request read these columns and not the settings, which may hold 256 KiB of CAs. Directories get the setting `lastSignInDays`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const providers = () => db.schema.alterTable('identity_providers')
  await providers().addColumn('disabled_at', 'text').execute()
  await providers()
    .addColumn('keeps_certificates', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await providers()
    .addColumn('mqtt_passwords', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await providers().addColumn('sign_in_days', 'integer').execute()
  await sql`update identity_providers set disabled_at = created_at where enabled = 0`.execute(db)
  await providers().dropColumn('enabled').execute()
  const { rows } = await sql<{ id: string; settings: string }>`select id, settings from identity_providers`.execute(db)
  for (const { id, settings: text } of rows) {
    const settings: Settings = { lastSignInDays: 30, ...(JSON.parse(text) as Settings) }
    const days = settings.bind === 'service' ? null : settings.lastSignInDays
    await sql`update identity_providers set settings = ${JSON.stringify(settings)}, sign_in_days = ${days},
      mqtt_passwords = ${settings.mqttPasswords ? 1 : 0} where id = ${id}`.execute(db)
  }
}
