/**
 * An object store that speaks S3, from the distribution's packages: OpenStack Swift with its s3api, one node on loopback. All of it
 * lives in a directory of its own, which has to be on a file system with user xattrs; it ends with the test.
 * https://docs.openstack.org/swift/latest/s3_compat.html
 */
import { expect } from 'bun:test';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './running-cais.ts';

export interface Swift extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const key = 'testing';
export const swiftCredentials = { accessKeyId: 'hub:cais', secretAccessKey: key };
const rings = ['account', 'container', 'object'] as const;

interface SwiftNode {
  /** Where its files are written. */
  readonly directory: string;
  /** The same directory as the servers see it, where that is another name. */
  readonly seenAs?: string;
  /** Holds what is stored, as the servers see it. */
  readonly devices: string;
  /** Where clients reach it. */
  readonly address: string;
  readonly ports: Readonly<Record<'proxy' | 'memcached' | (typeof rings)[number], number>>;
}

/** Starts it, empty: a bucket is there once somebody has made it. */
export async function startSwift(): Promise<Swift> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-swift-'));
  const [proxy = 0, memcached = 0, account = 0, container = 0, object = 0] = await freePorts(5);
  const devices = join(directory, 'devices');
  await mkdir(join(devices, 'disk'), { recursive: true });
  const ports = { proxy, memcached, account, container, object };
  await writeSwift({ directory, devices, address: '127.0.0.1', ports });
  const child = Bun.spawn(['sh', '-c', keeper, directory, String(memcached), ...rings, 'proxy'], {
    stdin: 'pipe',
    stdout: Bun.file(join(directory, 'log')),
    stderr: Bun.file(join(directory, 'log')),
    detached: true,
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await child.stdin.end();
    await child.exited;
  });
  const endpoint = `http://127.0.0.1:${proxy}`;
  await untilHealthy(endpoint, directory);
  const open = stack.move();
  return {
    endpoint,
    credentials: swiftCredentials,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Runs the servers until it is told to end them, or whoever would tell it has ended in whatever way; then removes their files. */
const keeper = `trap '' INT TERM HUP
memcached -l 127.0.0.1 -p "$1" -U 0 -u root -m 16 & pids=$!
shift
for name; do swift-$name-server "$0/$name.conf" & pids="$pids $!"; done
read word
kill -KILL $pids
wait
rm -rf "$0"`;

async function freePorts(count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, () => freePort()));
}

/** Its settings, and the rings that say where everything is. */
export async function writeSwift(node: SwiftNode): Promise<void> {
  await configure(node);
  buildRings(node);
}

async function configure(node: SwiftNode): Promise<void> {
  const { directory, seenAs = directory, devices, address, ports } = node;
  await mkdir(join(directory, 'cache'));
  const common = `user = root\nswift_dir = ${seenAs}\nworkers = 0\nlog_address = ${seenAs}/none\n`;
  const write = (name: string, text: string): Promise<number> => Bun.write(join(directory, name), text);
  await write(
    'swift.conf',
    '[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n' +
      '[storage-policy:0]\nname = only\ndefault = yes\n',
  );
  for (const ring of rings) {
    await write(
      `${ring}.conf`,
      `[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = ${ports[ring]}\n${common}devices = ${devices}\nmount_check = false\n` +
        `[pipeline:main]\npipeline = ${ring}-server\n[app:${ring}-server]\nuse = egg:swift#${ring}\nconn_timeout = 20\nnode_timeout = 60\nrecon_cache_path = ${seenAs}/cache\n`,
    );
  }
  const plain = [
    'catch_errors',
    'gatekeeper',
    'healthcheck',
    'listing_formats',
    'bulk',
    'copy',
    'slo',
    'dlo',
  ];
  await write(
    'proxy.conf',
    `[DEFAULT]\nbind_ip = ${address}\nbind_port = ${ports.proxy}\n${common}` +
      '[pipeline:main]\npipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo proxy-server\n' +
      '[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nconn_timeout = 20\nnode_timeout = 60\n' +
      `[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:${ports.memcached}\nconnect_timeout = 10\nio_timeout = 10\n` +
      `[filter:tempauth]\nuse = egg:swift#tempauth\nuser_hub_cais = ${key} .admin\n` +
      '[filter:s3api]\nuse = egg:swift#s3api\n' +
      plain.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join(''),
  );
}

/** What swift-ring-builder does in nine runs, each of which takes a second to begin. */
const ringBuilder = `import sys
from swift.common.ring import RingBuilder
for path, port in zip(sys.argv[1::2], sys.argv[2::2]):
    builder = RingBuilder(4, 1, 1)
    where = dict(ip='127.0.0.1', port=int(port), replication_ip='127.0.0.1', replication_port=int(port))
    builder.add_dev(dict(where, region=1, zone=1, device='disk', weight=1.0, meta=''))
    builder.rebalance()
    builder.get_ring().save(path)
`;

function buildRings({ directory, ports }: SwiftNode): void {
  const places = rings.flatMap((ring) => [join(directory, `${ring}.ring.gz`), String(ports[ring])]);
  const done = Bun.spawnSync(['/usr/bin/python3', '-c', ringBuilder, ...places]);
  if (done.exitCode !== 0) expect.unreachable(`no rings: ${done.stderr.toString()}`);
}

async function untilHealthy(endpoint: string, directory: string): Promise<void> {
  const answers = (): Promise<boolean> =>
    fetch(`${endpoint}/healthcheck`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + 60_000; !(await answers()); await Bun.sleep(50)) {
    if (Date.now() > deadline)
      expect.unreachable(`Swift did not start: ${await Bun.file(join(directory, 'log')).text()}`);
  }
}
