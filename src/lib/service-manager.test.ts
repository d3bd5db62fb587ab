/** What a service manager says in the environment. With its sockets: tests/packaging/socket-activation.test.ts. */
import { expect, test } from 'bun:test';
import { connectServiceManager } from './service-manager.ts';

const said = {
  LISTEN_FDS: '1',
  LISTEN_FDNAMES: 'hub',
  NOTIFY_SOCKET: '/nowhere/notify',
  WATCHDOG_USEC: '1000000',
};

test('is for this process, and taken away before children see it', () => {
  const env: Record<string, string | undefined> = { ...said, LISTEN_PID: '1', PATH: '/bin' };
  using manager = connectServiceManager(env);
  expect(env).toEqual({ PATH: '/bin' });
  // Sockets of another process: descriptor 3 is something else here.
  expect(manager.takeSocket('hub', true)).toBeUndefined();
});

test('that it does not listen any more is nobody’s failure', () => {
  using manager = connectServiceManager({ ...said });
  manager.ready('serving');
  manager.stopping();
});

test('without one nothing is said', () => {
  using manager = connectServiceManager({});
  manager.ready('serving');
  expect(manager.takeSocket('engine', true)).toBeUndefined();
  manager.stopping();
});
