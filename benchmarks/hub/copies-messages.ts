/** What a message between copies costs: whoever hears it, and PostgreSQL, which hands it to everybody who listens. */
import { Client } from 'pg';
import { type Row, summarize } from '../support/measure.ts';
import { cpuMilliseconds } from '../support/processes.ts';
import type { CopiesField } from './copies-field.ts';

const messages = 3000;
const otherListeners = 20;
/** Ten addresses asked a copy for tokens within the last tenth of a second. */
const words = Array.from({ length: 10 }, (_, at) => [
  'count',
  { counter: 'token', key: `203.0.113.${at}`, isCleared: false, added: 3 },
]);
const message = JSON.stringify({ copy: 'of-the-bench', words });

export async function measureMessages(field: CopiesField): Promise<Row[]> {
  const alone = await send(field);
  const listeners = await Promise.all(Array.from({ length: otherListeners }, () => listen(field)));
  const beside = await send(field);
  for (const listener of listeners) await listener.end();
  const ofListener = (beside.PostgreSQL - alone.PostgreSQL) / otherListeners;
  return [
    summarize('of a processor for a message', 'a copy that hears it', 'µs', [
      alone.copies / field.copies.length,
    ]),
    summarize('of a processor for a message', 'PostgreSQL, two listen', 'µs', [alone.PostgreSQL]),
    summarize('of a processor for a message', 'PostgreSQL, for each more', 'µs', [ofListener]),
  ];
}

/** In microseconds of a processor for each message. */
async function send(field: CopiesField): Promise<Record<'copies' | 'PostgreSQL', number>> {
  const client = await connect(field);
  const before = await field.cpu();
  for (let sent = 0; sent < messages; sent++) {
    await client.query('SELECT pg_notify($1, $2)', ['cais_hub', message]);
  }
  await untilIdle(field);
  const after = await field.cpu();
  await client.end();
  const each = 1000 / messages;
  return {
    copies: (after.copies - before.copies) * each,
    PostgreSQL: (after.PostgreSQL - before.PostgreSQL) * each,
  };
}

/** What the copies still have to hear is heard. */
async function untilIdle({ copies }: CopiesField): Promise<void> {
  const pids = copies.map(({ pid }) => pid);
  for (let known = -1; ;) {
    const now = await cpuMilliseconds(pids);
    if (now - known < 10) return;
    known = now;
    await Bun.sleep(200);
  }
}

async function listen(field: CopiesField): Promise<Client> {
  const client = await connect(field);
  await client.query('LISTEN cais_hub');
  return client;
}

async function connect({ server, database }: CopiesField): Promise<Client> {
  const client = new Client({ connectionString: server.urlOf(database) });
  await client.connect();
  return client;
}
