/** The agent for `--ssh ID=KEY`, asked by OpenSSH's own ssh-add. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgent } from './ssh-agents.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cais-key-agent-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function run(...words: readonly string[]): Promise<{ exitCode: number; text: string }> {
  const child = Bun.spawn([...words], {
    cwd: directory,
    env: { ...process.env, SSH_AUTH_SOCK: join(directory, 'socket') },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const texts = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exitCode: await child.exited, text: texts.join('') };
}

async function makeKey(name: string, type: string, ...more: readonly string[]): Promise<string> {
  expect((await run('ssh-keygen', '-q', '-t', type, '-N', '', '-f', name, ...more)).exitCode).toBe(0);
  return join(directory, name);
}

/** What `use` gets while the agent of these words of --ssh listens. */
async function whileListening<T>(words: string, use: () => Promise<T>): Promise<T> {
  const { connect } = await findAgent(words, undefined);
  const server = createServer((socket) => {
    const agent = connect();
    agent.on('error', () => socket.destroy());
    // ssh-add goes away without reading a refusal.
    socket.on('error', () => agent.destroy());
    socket.pipe(agent).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 'socket'), resolve));
  try {
    return await use();
  } finally {
    server.close();
  }
}

const kinds = [
  ['ed25519', []],
  ['rsa', []],
  ['rsa', ['-m', 'PEM']],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
] as const;

test.each(kinds)('a key of type %s %p is listed and signs', async (type, more) => {
  const key = await makeKey(`${type}${more.join('')}`, type, ...more);
  await whileListening(`default=${key}`, async () => {
    const listed = await run('ssh-add', '-L');
    expect(listed.text.split(' ')[1]).toBe(readFileSync(`${key}.pub`, 'utf8').split(' ')[1]);
    // Many signatures: now and then one of the numbers of ecdsa is shorter, or looks negative.
    for (let times = 0; times < 8; times++) {
      expect(await run('ssh-add', '-T', `${key}.pub`)).toEqual({ exitCode: 0, text: '' });
    }
  });
});

test('several keys are one agent; it takes no key and signs for no other', async () => {
  const [first, second, other] = [
    await makeKey('first', 'ed25519'),
    await makeKey('second', 'ecdsa'),
    await makeKey('other', 'ed25519'),
  ];
  await whileListening(`id=${first},${second}`, async () => {
    expect((await run('ssh-add', '-l')).text.trim().split('\n')).toHaveLength(2);
    expect((await run('ssh-add', other)).exitCode).not.toBe(0);
    expect((await run('ssh-add', '-D')).exitCode).not.toBe(0);
    expect((await run('ssh-add', '-T', `${other}.pub`)).exitCode).not.toBe(0);
    expect((await run('ssh-add', '-T', `${second}.pub`)).exitCode).toBe(0);
  });
});

test('a file that has no usable key says what to do', async () => {
  const key = await makeKey('plain', 'ed25519');
  const locked = join(directory, 'locked');
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', 'secret', '-f', 'locked');
  writeFileSync(join(directory, 'text'), 'no key\n');
  writeFileSync(join(directory, 'large'), Buffer.alloc(200_000));
  const failure = (words: string) => findAgent(words, undefined).catch(({ message }: Error) => message);
  expect(await failure(`default=${locked}`)).toBe(
    `${locked} is protected by a passphrase: give it to an agent (ssh-add ${locked}) and say --ssh default`,
  );
  expect(await failure(`default=${key}.pub`)).toBe(`${key}.pub is a public key: name the private one`);
  expect(await failure(`default=${directory}/text`)).toStartWith(
    `${directory}/text is no ssh key that can be read`,
  );
  expect(await failure(`default=${directory}/large`)).toContain('too large');
  expect(await failure(`default=${directory}/none`)).toContain('no such file or directory');
  expect(await failure('default')).toContain('make sure SSH_AUTH_SOCK is set');
});
