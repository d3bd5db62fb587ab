import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { basic, HubFixture, password } from '../testing/hub-fixture.ts';
import { LogLines } from '../testing/log-lines.ts';
import { RegistryTarget } from '../testing/registry-target.ts';
import { Metrics } from '../testing/metrics-reader.ts';
import { startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';
import { TraceCollector } from '../../../tests/support/trace-collector.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;

describe('a trace', () => {
  test('goes on from who asks, over the access check, to the database', async () => {
    await using collector = new TraceCollector();
    await using hub = await HubFixture.createWith({ settings: collector.settings }, 'alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('alice', 'repository:alice/app:pull');
    const headers = { traceparent, 'X-Request-Id': 'the-pull' };
    await hub.send('GET', '/v2/alice/app/manifests/latest', { token, headers });
    const request = await collector.find('GET /v2/{name}/manifests/{reference}');
    expect(request).toMatchObject({ traceId, parentSpanId: parentId, kind: 2 });
    expect(request.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/v2/alice/app/manifests/latest',
      'cais.request_id': 'the-pull',
      'enduser.id': 'alice',
    });
    const check = await collector.find('authorize', traceId);
    expect(check.parentSpanId).toBe(request.spanId);
    const statements = collector.spans.filter((span) => span.traceId === traceId && span.name === 'SELECT');
    expect(statements.length).toBeGreaterThan(0);
    for (const { parentSpanId, kind, attributes } of statements) {
      expect([request.spanId, check.spanId]).toContain(parentSpanId ?? '');
      expect(kind).toBe(3);
      expect(attributes['db.query.text']).toMatch(/^select /i);
      expect(attributes['db.query.text']).not.toContain('alice');
    }
  });

  test('has what upstream is asked, and upstream is told nothing of it', async () => {
    await using collector = new TraceCollector();
    await using setting = await startHubWithUpstream(collector.settings);
    setting.upstream.addImage('library/debian', 'latest', [new Uint8Array(100)]);
    const seen: string[] = [];
    setting.upstream.intercept = (request) => void seen.push(...request.headers.keys());
    await setting.send('GET', 'library/debian/manifests/latest', { traceparent });
    const request = await collector.find('GET /v2/{name}/manifests/{reference}', traceId);
    const asked = await collector.find('upstream docker.io', traceId);
    expect(asked).toMatchObject({ kind: 3, attributes: { 'cais.repository': 'library/debian' } });
    expect(asked.parentSpanId).toBe(request.spanId);
    expect(seen).not.toEqual([]);
    expect(seen).not.toContain('traceparent');
  });

  test('begins with the hub itself where it sends a webhook, or copies an image away', async () => {
    await using collector = new TraceCollector();
    await using target = await RegistryTarget.start('root1');
    const settings = { ...collector.settings, CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' };
    await using hub = await HubFixture.createWith({ settings }, 'root1', 'alice');
    const token = await hub.session('root1');
    const replication = { name: 'away', repositories: 'alice/*', registry: target.url, prefix: 'root1/' };
    const body = { ...replication, username: 'root1', password };
    expect((await hub.send('POST', '/v2/system/replications', { token, body })).status).toBe(201);
    const hook = { name: 'CI', hook_url: `${target.url}/nobody-takes-hooks-here` };
    const alice = await hub.session('alice');
    await hub.send('POST', '/v2/namespaces/alice/webhooks', { token: alice, body: hook });
    await hub.pushImage('alice', 'alice/app', '1.0');

    const copied = await collector.find('replicate');
    expect(copied.parentSpanId).toBeUndefined();
    expect(copied.attributes).toMatchObject({ 'cais.rule': 'away', 'cais.repository': 'alice/app' });
    const statements = collector.spans.filter((span) => span.parentSpanId === copied.spanId);
    expect(statements.map(({ name }) => name)).toContain('SELECT');
    const delivery = await collector.find('deliver webhook');
    expect(delivery.parentSpanId).toBeUndefined();
    expect(delivery.attributes).toMatchObject({
      'cais.webhook': 'CI',
      'cais.event': 'push',
      'http.response.status_code': 404,
    });
  });

  test('is named in the log, and in the answer where that is a refusal', async () => {
    await using collector = new TraceCollector();
    const written = new LogLines();
    await using hub = await HubFixture.createWith(
      { settings: collector.settings, log: written.log },
      'alice',
    );
    const headers = { traceparent, ...basic('alice', 'a wrong one') };
    const refused = await hub.send('GET', '/token', { headers });
    expect(refused.headers.get('X-Trace-Id')).toBe(traceId);
    expect(written.of('sign-in-failed').map((line) => line['trace_id'])).toEqual([traceId]);
    expect(written.of('request').at(-1)?.['trace_id']).toBe(traceId);
    const granted = await hub.send('GET', '/token', {
      headers: { ...basic('alice', password), traceparent },
    });
    expect(granted.headers.get('X-Trace-Id')).toBeNull();
  });

  test('begins anew where what the client sent is no trace, and not at all where they say so', async () => {
    await using collector = new TraceCollector();
    await using hub = await HubFixture.createWith({ settings: collector.settings });
    const ask = async (header: string): Promise<string> =>
      (await hub.send('GET', '/v2/', { headers: { traceparent: header } })).headers.get('X-Trace-Id') ?? '';
    for (const wrong of [
      '',
      'x',
      `00-${'0'.repeat(32)}-${parentId}-01`,
      `${traceparent}-${'y'.repeat(5000)}`,
    ]) {
      expect(await ask(wrong)).toMatch(/^(?!0{32}|4bf92f35)[\da-f]{32}$/);
    }
    expect(await ask(`00-${traceId}-${parentId}-00`)).toBe(traceId);
    await ask(`00-${traceId.replace('4bf9', 'aaaa')}-${parentId}-01`);
    await collector.find('GET /v2/', traceId.replace('4bf9', 'aaaa'));
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  test('tells the collector what the settings say it wants to see', async () => {
    await using collector = new TraceCollector();
    const settings = {
      ...collector.settings,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20secret',
      OTEL_SERVICE_NAME: 'hub-of-ours',
    };
    await using hub = await HubFixture.createWith({ settings });
    await hub.send('GET', '/v2/');
    expect((await collector.find('GET /v2/')).service).toBe('hub-of-ours');
    expect(collector.headers?.get('api-key')).toBe('a secret');
  });
});

describe('a collector', () => {
  test('that is away costs no request anything, and what it lost is counted', async () => {
    const gone = new TraceCollector();
    await gone[Symbol.asyncDispose]();
    await using hub = await HubFixture.createWith({ settings: gone.settings }, 'alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token('alice', 'repository:alice/app:pull');
    for (let number = 0; number < 300; number++) {
      const answer = await hub.send('GET', '/v2/alice/app/manifests/latest', { token });
      expect(answer.status).toBe(200);
    }
    await eventually(async () => {
      const lost = (await Metrics.of(hub)).value('cais_hub_trace_spans_total', { result: 'lost' });
      expect(lost).toBeGreaterThan(0);
    });
  });

  test('gets what is left when the hub ends', async () => {
    await using collector = new TraceCollector();
    {
      await using hub = await HubFixture.createWith({ settings: collector.settings });
      await hub.send('GET', '/v2/', { headers: { traceparent } });
    }
    expect(collector.spans.map((span) => span.traceId)).toContain(traceId);
  });
});
