/** Volumes and mounts of real containers: what is where, who may write, and what is left afterwards. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerInspectResponse, EventMessage, Volume } from '../../src/engine-api/types.ts';
import { runChecked } from '../../src/lib/subprocess.ts';
import { RunningEngine, unframe } from '../support/running-engine.ts';
import { eventually } from '../support/eventually.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
/** On the host, for binds. */
let directory: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
  directory = mkdtempSync(join(tmpdir(), 'cais-binds-'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a shell script in a container to its end. */
async function sh(script: string, hostConfig: object = {}, more: object = {}): Promise<Ran> {
  const id = await engine.run(['sh', '-c', `exec 2>&1; ${script}`], { ...more, HostConfig: hostConfig });
  const code = await engine.wait(id);
  const response = await engine.fetch('GET', `/containers/${id}/logs?stdout=1`);
  const output = unframe(Buffer.from(await response.arrayBuffer())).stdout;
  await engine.call('DELETE', `/containers/${id}?v=1`);
  return { code, output };
}

/** What a refused creation or start says. */
async function refusal(hostConfig: object, version = 'v1.50'): Promise<{ status: number; message: string }> {
  const created = await engine.call('POST', `/${version}/containers/create`, {
    Image: 'busybox',
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none', ...hostConfig },
  });
  if (created.status !== 201) return { status: created.status, message: created.body.message };
  const started = await engine.call('POST', `/containers/${created.body.Id}/start`);
  await engine.call('DELETE', `/containers/${created.body.Id}?force=1`);
  return { status: started.status, message: started.body?.message ?? '' };
}

async function mountsOf(hostConfig: object, more: object = {}): Promise<unknown[]> {
  const id = await engine.create(['true'], { ...more, HostConfig: hostConfig });
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  await engine.call('DELETE', `/containers/${id}?v=1`);
  return [...((body as unknown as ContainerInspectResponse).Mounts ?? [])];
}

const bind = (source: string, options: object = {}, more: object = {}) => ({
  Mounts: [{ Type: 'bind', Source: source, Target: '/m', ...more, BindOptions: options }],
});
const volume = (source: string, options: object = {}) => ({
  Mounts: [{ Type: 'volume', Source: source, Target: '/m', VolumeOptions: options }],
});

async function createVolume(body: object): Promise<Volume & { Mountpoint: string }> {
  const answer = await engine.call('POST', '/volumes/create', body);
  expect(answer.status).toBe(201);
  return answer.body as unknown as Volume & { Mountpoint: string };
}

function mountTable(path: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => line.includes(` ${path} `));
}

describe('a volume', () => {
  test('keeps what containers write, and is filled with what the image has there', async () => {
    expect(await sh('ls /m; echo kept > /m/file', { Binds: ['kept:/m'] })).toEqual({ code: 0, output: '' });
    expect(await sh('cat /m/file', { Binds: ['kept:/m:ro'] })).toEqual({ code: 0, output: 'kept\n' });
    const { output } = await sh('cat /etc/passwd | wc -l; touch /etc/x && ls /etc/x', {
      Binds: ['etc:/etc'],
    });
    expect(output).toMatch(/^[1-9]\d*\n\/etc\/x\n$/);
    // Not empty any more: what is there stays.
    expect((await sh('ls /etc/passwd; cat /etc/file', { Binds: ['kept:/etc'] })).output).toBe(
      'ls: /etc/passwd: No such file or directory\nkept\n',
    );
  });

  test('with nocopy stays empty', async () => {
    expect(
      (
        await sh('ls -A /etc | grep -v -e hosts -e hostname -e resolv.conf', {
          Binds: ['empty:/etc:nocopy'],
        })
      ).output,
    ).toBe('');
  });

  test('read-only refuses to be written', async () => {
    const { output } = await sh('touch /m/x', { Binds: ['kept:/m:ro'] });
    expect(output).toContain('Read-only file system');
  });

  test('shows as docker shows it', async () => {
    const data = `${engine.config.dataDirectory}/volumes`;
    const common = { Driver: 'local', Propagation: '', RW: true, Type: 'volume' };
    const named = { ...common, Destination: '/m', Name: 'kept', Source: `${data}/kept/_data` };
    expect(await mountsOf({ Binds: ['kept:/m'] })).toEqual([{ ...named, Mode: 'z' }]);
    expect(await mountsOf({ Binds: ['kept:/m:ro,Z'] })).toEqual([{ ...named, Mode: 'ro,Z', RW: false }]);
    expect(await mountsOf(volume('kept'))).toEqual([{ ...named, Mode: 'z' }]);
    expect(await mountsOf({}, { Volumes: { '/v': {} } })).toEqual([
      { ...common, Mode: '', Destination: '/v', Name: expect.any(String), Source: expect.any(String) },
    ]);
  });

  test('without a name goes with its last container; one with a name stays', async () => {
    const names = async () =>
      (await engine.call('GET', '/volumes')).body.Volumes.map(({ Name }) => Name).filter(
        (name) => name.length === 64,
      );
    const before = await names();
    const id = await engine.create(
      ['true'],
      { Volumes: { '/v': {} }, HostConfig: { Binds: ['stays:/m'] } },
      'first',
    );
    const other = await engine.create(['true'], { HostConfig: { VolumesFrom: ['first'] } });
    await engine.call('DELETE', `/containers/${id}?v=1`);
    expect(await names()).toHaveLength(before.length + 1);
    await engine.call('DELETE', `/containers/${other}?v=1`);
    expect(await names()).toEqual(before);
    expect((await engine.call('GET', '/volumes/stays')).status).toBe(200);
  });

  test('in use is not removed, and the answer names who uses it', async () => {
    const id = await engine.create(['true'], { HostConfig: { Binds: ['used:/m'] } });
    expect(await engine.call('DELETE', '/volumes/used?force=1')).toEqual({
      status: 409,
      body: expect.objectContaining({ message: `remove used: volume is in use - [${id}]` }),
    });
    await engine.call('DELETE', `/containers/${id}`);
    expect((await engine.call('DELETE', '/volumes/used')).status).toBe(204);
    expect((await engine.call('DELETE', '/volumes/used')).status).toBe(404);
    expect((await engine.call('DELETE', '/volumes/used?force=1')).status).toBe(204);
  });
});

describe('a part of a volume', () => {
  beforeAll(async () => {
    await sh(
      'mkdir -p /m/a/b /m/c; echo inside > /m/a/b/file; ln -s a/b /m/link; ln -s ../../../../../../../etc /m/out; ln -s /etc /m/abs',
      {
        Binds: ['parts:/m'],
      },
    );
  });

  test.each([
    ['a/b', 'cat /m/file'],
    ['a/b/file', 'cat /m'],
    ['link', 'cat /m/file'],
    ['c/../a/b', 'cat /m/file'],
  ])('%p is mounted alone', async (Subpath, script) => {
    expect(await sh(script, volume('parts', { Subpath }))).toEqual({ code: 0, output: 'inside\n' });
  });

  test.each([
    ['out', 'escapes the base directory'],
    ['abs', 'escapes the base directory'],
    ['none', 'no such file or directory'],
  ])('%p is refused', async (Subpath, words) => {
    const { status, message } = await refusal(volume('parts', { Subpath }));
    expect(message).toContain(words);
    expect(status).toBe(words.startsWith('no') ? 404 : 400);
  });

  test('shows in cp as well', async () => {
    const id = await engine.create(['true'], { HostConfig: volume('parts', { Subpath: 'a/b' }) });
    const response = await engine.fetch('GET', `/containers/${id}/archive?path=/m/file`);
    expect(await response.text()).toContain('inside');
    await engine.call('DELETE', `/containers/${id}`);
  });

  test('is found while somebody moves links about, and never outside', async () => {
    const mover = await engine.run(
      [
        'sh',
        '-c',
        'mkdir -p /m/x/y; while :; do mv /m/x /m/z; ln -s ../../../../../../.. /m/x; rm /m/x; mv /m/z /m/x; done',
      ],
      { HostConfig: { Binds: ['parts:/m'] } },
    );
    for (let i = 0; i < 8; i++) {
      const { code, output } = await attempt(volume('parts', { Subpath: 'x/y' }));
      if (code === 0) expect(output).toBe('');
    }
    await engine.call('DELETE', `/containers/${mover}?force=1`);
  });

  /** Starting may fail: then the output is why. */
  async function attempt(hostConfig: object): Promise<Ran> {
    const id = await engine.create(['ls', '-A', '/m'], { HostConfig: hostConfig });
    const started = await engine.call('POST', `/containers/${id}/start`);
    const code = started.status === 204 ? await engine.wait(id) : 125;
    const response = await engine.fetch('GET', `/containers/${id}/logs?stdout=1`);
    const output = unframe(Buffer.from(await response.arrayBuffer())).stdout;
    await engine.call('DELETE', `/containers/${id}`);
    return { code, output };
  }
});

describe('a volume that is a mount', () => {
  const tmpfs = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,mode=0700,noexec' };

  test('is one from the first container to the last', async () => {
    const { Mountpoint, Options } = await createVolume({ Name: 'ram', DriverOpts: tmpfs });
    expect(Options).toEqual(tmpfs);
    const first = await engine.run(['sleep', '60'], { HostConfig: { Binds: ['ram:/m'] } });
    expect(mountTable(Mountpoint)).toHaveLength(1);
    expect(mountTable(Mountpoint)[0]).toMatch(/noexec.* - tmpfs tmpfs rw,size=1024k,mode=700/);
    const second = await engine.run(['sleep', '60'], { HostConfig: { Binds: ['ram:/m'] } });
    writeFileSync(`${Mountpoint}/file`, 'there');
    const read = await engine.fetch('GET', `/containers/${second}/archive?path=/m/file`);
    expect(await read.text()).toContain('there');
    await engine.call('POST', `/containers/${first}/kill`);
    await engine.wait(first);
    expect(mountTable(Mountpoint)).toHaveLength(1);
    await engine.close();
    await engine.open();
    expect(mountTable(Mountpoint)).toHaveLength(1);
    await engine.call('DELETE', `/containers/${second}?force=1`);
    expect(mountTable(Mountpoint)).toEqual([]);
    await engine.call('DELETE', `/containers/${first}`);
  });

  test('is one mount for containers that come and go at the same time', async () => {
    const { Mountpoint } = await createVolume({ Name: 'many', DriverOpts: tmpfs });
    const one = async (): Promise<void> => {
      const id = await engine.run(['sh', '-c', 'echo x >> /m/seen'], { HostConfig: { Binds: ['many:/m'] } });
      await engine.wait(id);
      await engine.call('DELETE', `/containers/${id}`);
    };
    const holder = await engine.run(['sleep', '60'], { HostConfig: { Binds: ['many:/m'] } });
    await Promise.all(Array.from({ length: 8 }, one));
    expect(readFileSync(`${Mountpoint}/seen`, 'utf8')).toBe('x\n'.repeat(8));
    expect(mountTable(Mountpoint)).toHaveLength(1);
    await engine.call('DELETE', `/containers/${holder}?force=1`);
    await Promise.all(Array.from({ length: 8 }, one));
    expect(mountTable(Mountpoint)).toEqual([]);
  });

  test('is unmounted when its last container ended while the engine was away', async () => {
    const { Mountpoint } = await createVolume({ Name: 'away', DriverOpts: tmpfs });
    const id = await engine.run(['sleep', '0.3'], { HostConfig: { Binds: ['away:/m'] } });
    await engine.close();
    await Bun.sleep(800);
    expect(mountTable(Mountpoint)).toHaveLength(1);
    await engine.open();
    await eventually(() => expect(mountTable(Mountpoint)).toEqual([]));
    await engine.call('DELETE', `/containers/${id}`);
  });

  test('binds a directory of the host', async () => {
    const source = join(directory, 'device');
    mkdirSync(source);
    await createVolume({ Name: 'bound', DriverOpts: { type: 'none', device: source, o: 'bind,ro' } });
    writeFileSync(join(source, 'file'), 'host\n');
    const { output } = await sh('cat /m/file; touch /m/x', { Binds: ['bound:/m'] });
    expect(output).toStartWith('host\n');
    expect(output).toContain('Read-only file system');
    await engine.call('DELETE', '/volumes/bound');
    expect(readFileSync(join(source, 'file'), 'utf8')).toBe('host\n');
  });

  test('is made by --mount, with its labels', async () => {
    const options = { Labels: { a: 'b' }, DriverConfig: { Name: 'local', Options: tmpfs } };
    const { output } = await sh('grep " /m " /proc/mounts', volume('made', options));
    expect(output).toContain('tmpfs');
    const { body } = await engine.call('GET', '/volumes/made');
    expect(body as unknown as Volume).toMatchObject({ Labels: { a: 'b' }, Options: tmpfs });
  });

  test('of an ext4 image on a loop device', async () => {
    const image = join(directory, 'disk');
    await runChecked(['truncate', '-s', '4M', image]);
    await runChecked(['mkfs.ext4', '-q', image]);
    const loop = (await runChecked(['losetup', '--find', '--show', image])).trim();
    try {
      await createVolume({ Name: 'disk', DriverOpts: { type: 'ext4', device: loop, o: 'noatime' } });
      const { output } = await sh('ls /m; grep " /m " /proc/mounts', { Binds: ['disk:/m'] });
      expect(output).toMatch(/^lost\+found\n.* ext4 .*noatime/);
      await engine.call('DELETE', '/volumes/disk');
    } finally {
      await runChecked(['losetup', '--detach', loop]);
    }
  });

  test.each([
    [
      'none',
      { type: 'none', device: '/nowhere/at/all', o: 'bind' },
      'flags: 0x1000: no such file or directory',
    ],
    ['unknown', { type: 'nothing', device: 'x' }, ': no such device'],
    [
      'cifs',
      { type: 'cifs', device: '//127.0.0.1/x', o: 'username=a,password=secret' },
      'data: username=a,password=********',
    ],
  ])('that cannot be mounted is told: %s', async (name, DriverOpts, words) => {
    const { Mountpoint } = await createVolume({ Name: name, DriverOpts });
    const { status, message } = await refusal({ Binds: [`${name}:/m`] });
    expect(message).toStartWith(
      `error while mounting volume '${Mountpoint}': failed to mount local volume: mount ${DriverOpts.device}:${Mountpoint}`,
    );
    expect(message).toContain(words);
    expect(status).toBe(500);
  });

  // Nothing here can serve it: what is tried is told, with the name looked up.
  test('of nfs is asked of the kernel by address', async () => {
    const DriverOpts = { type: 'nfs', device: ':/export', o: 'addr=localhost,nolock,soft,timeo=1,retrans=0' };
    const { Mountpoint } = await createVolume({ Name: 'nfs', DriverOpts });
    const { message } = await refusal({ Binds: ['nfs:/m'] });
    expect(message).toStartWith(
      `error while mounting volume '${Mountpoint}': failed to mount local volume: mount :/export:${Mountpoint}, data: addr=127.0.0.1,nolock,soft,timeo=1,retrans=0: `,
    );
  });
});

describe('a bind', () => {
  test('of a missing source makes it for -v and is refused for --mount', async () => {
    const missing = join(directory, 'made/here');
    expect((await refusal(bind(missing))).message).toBe(
      `invalid mount config for type "bind": bind source path does not exist: ${missing}`,
    );
    expect(existsSync(missing)).toBe(false);
    expect((await sh('ls /m', { Binds: [`${missing}:/m`] })).code).toBe(0);
    expect(existsSync(missing)).toBe(true);
    const other = join(directory, 'made/too');
    expect((await sh('ls /m', bind(other, { CreateMountpoint: true }))).code).toBe(0);
    expect(existsSync(other)).toBe(true);
  });

  describe('with another mount below', () => {
    let tree: string;
    beforeAll(() => {
      tree = join(directory, 'tree');
      mkdirSync(join(tree, 'sub'), { recursive: true });
      Bun.spawnSync(['mount', '-t', 'tmpfs', 'tmpfs', join(tree, 'sub')]);
      writeFileSync(join(tree, 'sub/file'), '');
    });
    afterAll(() => void Bun.spawnSync(['umount', join(tree, 'sub')]));

    const script = 'ls /m/sub; touch /m/x; touch /m/sub/x && echo wrote; rm -f /m/sub/x';

    test.each<[string, object, { seen: boolean; wrote: boolean }]>([
      ['recursive by default', {}, { seen: true, wrote: false }],
      ['recursive if asked', { ReadOnlyForceRecursive: true }, { seen: true, wrote: false }],
      ['at its top alone', { ReadOnlyNonRecursive: true }, { seen: true, wrote: true }],
      ['without what is below', { NonRecursive: true }, { seen: false, wrote: false }],
    ])('is read-only: %s', async (_, options, { seen, wrote }) => {
      const { output } = await sh(script, bind(tree, options, { ReadOnly: true }));
      expect(output.startsWith('file\n')).toBe(seen);
      expect(output.includes('wrote')).toBe(wrote);
      expect(output).toContain('/m/x: Read-only file system');
    });

    test('is read-only at its top alone for a client before 1.44', async () => {
      const { body } = await engine.call('POST', '/v1.43/containers/create', {
        Image: 'busybox',
        Cmd: ['touch', '/m/sub/old'],
        HostConfig: { NetworkMode: 'none', Binds: [`${tree}:/m:ro`] },
      });
      await engine.call('POST', `/containers/${body.Id}/start`);
      expect(await engine.wait(body.Id)).toBe(0);
    });
  });

  test('that is shared or a slave needs a source that is', async () => {
    const source = join(directory, 'private');
    mkdirSync(source);
    Bun.spawnSync(['mount', '--bind', source, source]);
    Bun.spawnSync(['mount', '--make-private', source]);
    const refused = `path ${source} is mounted on ${source} but it is not a shared`;
    expect((await refusal(bind(source, { Propagation: 'rshared' }))).message).toBe(`${refused} mount`);
    expect((await refusal({ Binds: [`${source}:/m:slave`] })).message).toBe(`${refused} or slave mount`);
    Bun.spawnSync(['mount', '--make-shared', source]);
    mkdirSync(join(source, 'sub'));
    for (const [mode, field] of [
      ['rshared', 'shared:'],
      ['rslave', 'master:'],
    ]) {
      const { output } = await sh('grep " /m " /proc/self/mountinfo', { Binds: [`${source}:/m:${mode}`] });
      expect(output).toContain(field ?? '');
    }
    const id = await engine.run(['sleep', '60'], { HostConfig: bind(source, { Propagation: 'rslave' }) });
    Bun.spawnSync(['mount', '-t', 'tmpfs', 'tmpfs', join(source, 'sub')]);
    writeFileSync(join(source, 'sub/late'), '');
    const seen = await exec(id, ['ls', '/m/sub']);
    Bun.spawnSync(['umount', join(source, 'sub')]);
    Bun.spawnSync(['umount', source]);
    await engine.call('DELETE', `/containers/${id}?force=1`);
    expect(seen).toBe('late\n');
  });

  async function exec(id: string, Cmd: readonly string[]): Promise<string> {
    const created = await engine.call('POST', `/containers/${id}/exec`, { Cmd, AttachStdout: true });
    const stream = await engine.hijack(`/exec/${created.body.Id}/start`, '{"Detach":false,"Tty":false}');
    return unframe(await stream.rest()).stdout;
  }

  test("of the engine's own directory is a slave, as far as it can be", async () => {
    expect(await mountsOf({ Binds: ['/:/m:ro'] })).toMatchObject([
      { Propagation: 'rslave', Mode: 'ro', RW: false },
    ]);
    const { message } = await refusal(bind(engine.config.dataDirectory, { Propagation: 'private' }));
    expect(message).toContain('must use either propagation mode "rslave" or "rshared"');
    expect((await sh('ls /m/proc | head -1', { Binds: ['/:/m:ro'] })).code).toBe(0);
  });

  test('of a file, through a link, is that file', async () => {
    writeFileSync(join(directory, 'file'), 'text\n');
    symlinkSync('file', join(directory, 'link'));
    expect((await sh('cat /m', { Binds: [`${join(directory, 'link')}:/m:ro`] })).output).toBe('text\n');
  });
});

describe('a tmpfs', () => {
  test('has the options that were given', async () => {
    const TmpfsOptions = { SizeBytes: 1024 * 1024, Mode: 0o1770, Options: [['exec']] };
    const { output } = await sh('grep " /m " /proc/mounts; ls -ld /m', {
      Mounts: [{ Type: 'tmpfs', Target: '/m', TmpfsOptions }],
    });
    expect(output).toMatch(/tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=1770/);
    expect(output).toContain('drwxrwx--T');
  });

  test('of --tmpfs takes all that tmpfs knows', async () => {
    const { output } = await sh('grep " /m " /proc/mounts', {
      Tmpfs: { '/m': 'ro,size=64k,uid=7,nr_inodes=10,exec' },
    });
    expect(output).toMatch(/tmpfs ro,nosuid,nodev,relatime,size=64k,nr_inodes=10,uid=7/);
  });
});

describe('an image', () => {
  const image = (options?: object) => ({
    Mounts: [{ Type: 'image', Source: 'busybox', Target: '/m', ...(options && { ImageOptions: options }) }],
  });

  test('is mounted read-only, whole or in part', async () => {
    const { output } = await sh('ls /m/bin/sh; touch /m/x', image());
    expect(output).toStartWith('/m/bin/sh\n');
    expect(output).toContain('Read-only file system');
    expect((await sh('ls /m/sh', image({ Subpath: 'bin' }))).output).toBe('/m/sh\n');
    expect(await mountsOf(image())).toMatchObject([
      { Type: 'image', Name: 'busybox', Destination: '/m', RW: false, Propagation: 'rprivate' },
    ]);
  });

  test('is seen by --volumes-from and cp, and gone afterwards', async () => {
    const id = await engine.create(['true'], { HostConfig: image() }, 'mounter');
    expect((await sh('ls /m/bin/sh', { VolumesFrom: ['mounter'] })).output).toBe('/m/bin/sh\n');
    expect((await engine.fetch('HEAD', `/containers/${id}/archive?path=/m/bin/sh`)).status).toBe(200);
    await engine.call('DELETE', `/containers/${id}`);
  });

  test('stays whole while it is mounted, even when it is removed', async () => {
    await engine.call('POST', '/images/busybox/tag?repo=mounted');
    const from = await engine.create(['true']);
    await engine.call('POST', `/commit?container=${from}&repo=mounted&changes=LABEL%20a=b`);
    const Mounts = [{ Type: 'image', Source: 'mounted', Target: '/m' }];
    const id = await engine.create(['ls', '/m/bin/sh'], { HostConfig: { Mounts } });
    expect((await engine.call('DELETE', '/images/mounted')).status).toBe(200);
    await engine.call('POST', `/containers/${id}/start`);
    expect(await engine.wait(id)).toBe(0);
    for (const container of [id, from]) await engine.call('DELETE', `/containers/${container}`);
  });

  test('that is not there is missed', async () => {
    const mounts = { Mounts: [{ Type: 'image', Source: 'nothing', Target: '/m' }] };
    expect(await refusal(mounts)).toEqual({ status: 404, message: 'No such image: nothing:latest' });
    expect((await refusal(mounts, 'v1.47')).message).toBe('Mount type "Image" needs API v1.48 or newer');
  });
});

test('--volumes-from takes mounts over, read-only if asked; own ones win', async () => {
  await engine.create(['true'], { HostConfig: { Binds: ['kept:/m', `${directory}:/d`] } }, 'source');
  expect((await sh('cat /m/file', { VolumesFrom: ['source'] })).output).toBe('kept\n');
  expect((await sh('touch /d/x', { VolumesFrom: ['source:ro'] })).output).toContain('Read-only file system');
  const mounts = await mountsOf({ VolumesFrom: ['source'], Binds: ['other:/m'] });
  expect(mounts).toMatchObject([
    { Destination: '/m', Name: 'other' },
    { Destination: '/d', Mode: '' },
  ]);
  expect(await refusal({ VolumesFrom: ['nobody'] })).toEqual({
    status: 400,
    message: 'No such container: nobody',
  });
});

test('events tell of volumes as docker does', async () => {
  const since = Date.now() / 1000;
  const id = await engine.run(['true'], { HostConfig: { Binds: ['told:/m:ro'] } });
  await engine.wait(id);
  await engine.call('DELETE', `/containers/${id}`);
  await engine.call('DELETE', '/volumes/told');
  const filters = JSON.stringify({ type: ['volume'] });
  const response = await engine.fetch(
    'GET',
    `/events?since=${since}&until=${Date.now() / 1000 + 0.05}&filters=${encodeURIComponent(filters)}`,
  );
  const events = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventMessage);
  expect(events.map(({ Action, Actor }) => [Action, Actor?.ID, Actor?.Attributes])).toEqual([
    ['create', 'told', { driver: 'local' }],
    [
      'mount',
      'told',
      { container: id, destination: '/m', driver: 'local', propagation: '', 'read/write': 'false' },
    ],
    ['unmount', 'told', { container: id, driver: 'local' }],
    ['destroy', 'told', { driver: 'local' }],
  ]);
});

describe('prune and the list', () => {
  test('see labels, names and who is used', async () => {
    await createVolume({ Name: 'prune-a', Labels: { keep: 'no' } });
    await createVolume({ Name: 'prune-b', Labels: { keep: 'yes' } });
    const { Name: anonymous } = await createVolume({ Labels: { keep: 'no' } });
    const { body: all } = await list({ name: ['^prune-'], label: ['keep'] });
    expect(all.Volumes.map(({ Name }) => Name)).toEqual(['prune-a', 'prune-b']);
    expect((await list({ dangling: ['false'], name: ['prune'] })).body.Volumes).toEqual([]);
    expect((await list({ driver: ['x'] })).body.Volumes).toEqual([]);
    expect((await list({ nope: ['x'] })).status).toBe(400);
    expect(await prune({ label: ['keep=no'] })).toEqual({ VolumesDeleted: [anonymous], SpaceReclaimed: 0 });
    const { Mountpoint } = (await engine.call('GET', '/volumes/prune-a')).body as unknown as Volume;
    writeFileSync(`${Mountpoint}/file`, 'four');
    expect(await prune({ all: ['1'], 'label!': ['keep=yes'], label: ['keep'] })).toEqual({
      VolumesDeleted: ['prune-a'],
      SpaceReclaimed: 4,
    });
    expect((await engine.call('GET', '/volumes/prune-b')).status).toBe(200);
  });

  const list = (filters: object) =>
    engine.call('GET', `/volumes?filters=${encodeURIComponent(JSON.stringify(filters))}`);
  const prune = async (filters: object) =>
    (await engine.call('POST', `/volumes/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`))
      .body as unknown;
});
