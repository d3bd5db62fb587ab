/** A hub that is started with another key than the one that its secrets are sealed with. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { pino } from 'pino';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(120_000);

test.each(['sqlite', 'postgres'] as const)(
  'it says which it cannot open; with the right key it says nothing, over %s',
  async (kind) => {
    const database = kind === 'sqlite' ? '' : await newPostgresDatabase();
    const settings = (letter: string): Record<string, string> => ({
      CAIS_HUB_DATABASE: database,
      CAIS_HUB_SECRETS_KEY: Buffer.alloc(32, letter).toString('base64'),
    });
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    await using hub = await HubFixture.createWith({ settings: settings('a'), log }, 'alice');
    const token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const hook = { name: 'CI', hook_url: 'https://ci.example/hook' };
    await hub.send('POST', '/v2/repositories/alice/app/webhooks', { token, body: hook });
    await hub.restart();
    expect(lines).toEqual([]);

    await using _other = await hub.over(settings('b'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        webhooks: 1,
        replications: 0,
        reason: expect.stringContaining('stored with another key: set it again, or bring that key back'),
      }),
    ]);
  },
);
