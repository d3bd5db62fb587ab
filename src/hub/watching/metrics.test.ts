import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { Metrics } from '../testing/metrics-reader.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const token = 'a token of sixteen or more'.replaceAll(' ', '-');

describe('the metrics of a hub', () => {
  test('count requests by the pattern of their address, whatever names clients make up', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const pull = await hub.token('alice', 'repository:alice/app:pull');
    await hub.send('GET', '/v2/alice/app/manifests/latest', { token: pull });
    const before = (await Metrics.of(hub)).series('cais_hub_requests_total').length;
    for (let number = 0; number < 30; number++) {
      await hub.send('GET', `/v2/alice/app/manifests/latest${number}`, { token: pull });
      await hub.send('GET', `/v2/nobody${number}/app/manifests/latest`, { token: pull });
      await hub.send('GET', `/pages/${number}`);
      await hub.send('GET', `/v2/namespaces/alice/repositories/app${number}`);
      await hub.send('PROPFIND', '/v2/');
    }
    const metrics = await Metrics.of(hub);
    const manifest = { method: 'GET', route: '/v2/{name}/manifests/{reference}' };
    expect(metrics.value('cais_hub_requests_total', { ...manifest, status: '200' })).toBe(1);
    expect(metrics.value('cais_hub_requests_total', { ...manifest, status: '404' })).toBe(30);
    expect(metrics.value('cais_hub_request_duration_seconds_count', manifest)).toBe(61);
    expect(metrics.value('cais_hub_requests_total', { method: 'other' })).toBe(30);
    expect(metrics.series('cais_hub_requests_total').length).toBeLessThan(before + 8);
    expect(metrics.text).not.toContain('nobody');
  });

  test('count the bytes of bodies, also of those that are sent without their length', async () => {
    await using hub = await HubFixture.create('alice');
    const push = await hub.fullToken('alice', 'alice/app');
    const before = await Metrics.of(hub);
    const bytes = new Uint8Array(100_000).fill(7);
    const digest = digestOf(bytes);
    const started = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token: push });
    const location = started.headers.get('Location') ?? '';
    await hub.send('PATCH', location, { token: push, body: new Blob([bytes]).stream() });
    await hub.send('PUT', `${location}?digest=${digest}`, { token: push });
    await hub.send('GET', `/v2/alice/app/blobs/${digest}`, { token: push });
    await hub.send('HEAD', `/v2/alice/app/blobs/${digest}`, { token: push });
    const after = await Metrics.of(hub);
    const grown = (name: string): number => after.value(name) - before.value(name);
    expect(grown('cais_hub_received_bytes_total')).toBe(bytes.length);
    expect(grown('cais_hub_sent_bytes_total')).toBeGreaterThanOrEqual(bytes.length);
    expect(grown('cais_hub_sent_bytes_total')).toBeLessThan(2 * bytes.length);
  });

  test('know the uploads under way', async () => {
    await using hub = await HubFixture.create('alice');
    const push = await hub.fullToken('alice', 'alice/app');
    const started = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token: push });
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (each) => void (controller = each) });
    const sent = hub.send('PATCH', started.headers.get('Location') ?? '', { token: push, body });
    controller?.enqueue(new Uint8Array(10));
    while ((await Metrics.of(hub)).value('cais_hub_uploads_open') === 0) await Bun.sleep(5);
    expect((await Metrics.of(hub)).value('cais_hub_uploads_open')).toBe(1);
    controller?.close();
    expect((await sent).status).toBe(202);
    expect((await Metrics.of(hub)).value('cais_hub_uploads_open')).toBe(0);
  });

  test('time what the database is asked, and know its connections where there are any', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const metrics = await Metrics.of(hub);
    expect(metrics.value('cais_hub_database_statement_seconds_count', { kind: 'select' })).toBeGreaterThan(0);
    expect(metrics.value('cais_hub_database_statement_seconds_count', { kind: 'insert' })).toBeGreaterThan(0);
    const isServer = hub.config().postgres !== undefined;
    expect(metrics.value('cais_hub_database_connections', { state: 'max' })).toBe(isServer ? 4 : 0);
  });

  test('know the process and the program', async () => {
    await using hub = await HubFixture.create();
    const metrics = await Metrics.of(hub);
    expect(metrics.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(metrics.value('process_start_time_seconds')).toBeGreaterThan(1e9);
    expect(metrics.value('cais_hub_build_info', { runtime: `bun ${Bun.version}` })).toBe(1);
  });
});

describe('who may read the metrics', () => {
  test('is everybody, unless a token is wanted', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_METRICS_TOKEN: token } });
    const refused = await hub.send('GET', '/metrics');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer realm="metrics"');
    expect((await hub.send('GET', '/metrics', { token: `${token}x` })).status).toBe(401);
    expect((await hub.send('GET', '/metrics', { token })).status).toBe(200);
    expect((await hub.send('GET', '/healthz')).status).toBe(200);
  });

  test('is whoever reaches the address of their own, where they have one', async () => {
    await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_METRICS_LISTEN: '127.0.0.1:0' } });
    expect((await hub.send('GET', '/metrics')).status).toBe(404);
    expect((await hub.operations('/metrics')).status).toBe(200);
    expect(await (await hub.operations('/readyz')).text()).toBe('ready\n');
    expect((await hub.operations('/v2/')).status).toBe(404);
  });
});
