import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, duplexPair } from 'node:stream';
import { type BuildSession, BuildSessions } from './sessions.ts';
import { openAgentSocket } from './steps/agent-socket.ts';

const secrets = new Map([['token', new TextEncoder().encode('value')]]);

function opened(): { readonly sessions: BuildSessions; readonly id: string } {
  const sessions = new BuildSessions();
  return { sessions, id: sessions.open({ secrets, agents: ['default'] }) };
}

describe('a session', () => {
  test('is one build’s, and gone with it', () => {
    const { sessions, id } = opened();
    {
      using session = sessions.take(id);
      expect(session.secrets.get('token')).toEqual(new TextEncoder().encode('value'));
      expect(() => sessions.take(id)).toThrow('is in use');
    }
    expect(() => sessions.find(id)).toThrow('No such build session');
  });

  test('has bounds', () => {
    const { sessions } = opened();
    const large = new Map([['large', new Uint8Array(500 * 1024 + 1)]]);
    expect(() => sessions.open({ secrets: large, agents: [] })).toThrow('invalid secret size');
    expect(() => {
      for (let n = 0; n < 200; n++) sessions.open({ secrets, agents: [] });
    }).toThrow('too many build sessions');
  });

  test('has the agents that it was opened with', () => {
    const { sessions, id } = opened();
    expect(() => sessions.find(id).offer('agent', 'other', new Duplex())).toThrow(
      'the build session has no agent other',
    );
  });

  test('ends the connections that nobody took', async () => {
    const { sessions, id } = opened();
    const [offered] = duplexPair();
    const session = sessions.take(id);
    session.offer('agent', 'default', offered);
    const closed = new Promise((resolve) => offered.once('close', resolve));
    session[Symbol.dispose]();
    await closed;
    expect(offered.destroyed).toBe(true);
  });
});

describe('the socket of an agent', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cais-agent-'));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** An agent that says everything again. */
  function offerEcho(session: BuildSession): void {
    const [offered, agent] = duplexPair();
    agent.pipe(agent);
    session.offer('agent', 'default', offered);
  }

  function ask(path: string, text: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(path).on('error', reject);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (answer.length >= text.length) resolve(answer);
    });
    socket.on('close', () => resolve(answer));
    socket.write(text);
    return promise.finally(() => socket.destroy());
  }

  test('joins each connection to one of the client’s, whichever comes first', async () => {
    const { sessions, id } = opened();
    using session = sessions.take(id);
    const path = join(directory, 'agent');
    await using _socket = await openAgentSocket(path, session, 'default');
    offerEcho(session);
    expect(await ask(path, 'first')).toBe('first');
    const second = ask(path, 'second');
    offerEcho(session);
    expect(await second).toBe('second');
  });
});
