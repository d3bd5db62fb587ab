/** The dashboard and the alert rules that come with the hub name only what it counts. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { StoreWatch } from '../storage/store-watch.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { Metrics } from '../testing/metrics-reader.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const packaging = join(import.meta.dir, '../../../packaging');
/** Of Prometheus itself. */
const ofPrometheus: ReadonlySet<string> = new Set(['up']);

let known: ReadonlySet<string>;
let hub: HubFixture;
beforeAll(async () => {
  // The one that counts most.
  hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: await newPostgresDatabase() } });
  const { names } = await Metrics.of(hub);
  const store = new Registry();
  expect(new StoreWatch(store)).toBeDefined();
  const ofStore = store.getMetricsAsArray().map(({ name }) => name);
  known = new Set([...names, ...ofStore, ...ofPrometheus]);
});
afterAll(() => hub[Symbol.asyncDispose]());

/** The metrics in an expression: names before braces, as ours all are written. */
function metricsIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\b(\w+)(?=[{[])/g)].map(([, name = '']) =>
    name.replace(/_(?:bucket|count|sum)$/, ''),
  );
}

test('the dashboard for Grafana', async () => {
  const dashboard = (await Bun.file(join(packaging, 'grafana/hub.json')).json()) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const named = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('the alert rules for Prometheus', async () => {
  const rules = Bun.YAML.parse(await Bun.file(join(packaging, 'prometheus/alerts.yml')).text()) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  const named = rules.groups.flatMap(({ rules: each }) => each.flatMap(({ expr }) => metricsIn(expr)));
  expect(named.length).toBeGreaterThan(7);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
