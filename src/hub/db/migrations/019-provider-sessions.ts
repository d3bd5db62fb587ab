/** What a provider calls a session of its own, so that it can end those here that came of it: OpenID Connect's `sid`. */
export function providerSessions(): string[] {
  return [
    // '' for a session that no provider let in, or that it has no name for.
    `ALTER TABLE sessions ADD COLUMN provider_sid TEXT NOT NULL DEFAULT ''`,
    'CREATE INDEX sessions_provider ON sessions (provider_sid)',
  ];
}
