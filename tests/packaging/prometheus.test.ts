/** A real Prometheus reads a hub and an engine by our configuration, and knows what our rules and dashboards ask for. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPostgresDatabase } from '../../src/hub/testing/database-config.ts';
import { run } from '../../src/lib/subprocess.ts';
import { freePort } from '../support/running-cais.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { startHub } from '../support/running-hub.ts';
import { startTestStore } from '../support/test-store.ts';
import { type AlertCase, alertCases } from './support/alert-cases.ts';
import { prometheusFiles, RunningPrometheus } from './support/running-prometheus.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(240_000);

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const rules = Bun.YAML.parse(await Bun.file(join(prometheusFiles, 'alerts.yml')).text()) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
};
const alerts = rules.groups.flatMap(({ rules: each }) => each);

async function promtool(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(['promtool', ...args]);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout + stderr;
}

describe('our files are what Prometheus takes', () => {
  test('the configuration, and the rules that it names', async () => {
    const said = await promtool('check', 'config', join(prometheusFiles, 'prometheus.yml'));
    expect(said).toContain(`${alerts.length} rules found`);
  });

  test('every alert fires when it should, and not before', async () => {
    expect(Object.keys(alertCases).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
    const directory = await mkdtemp(join(tmpdir(), 'cais-alerts-'));
    try {
      const file = join(directory, 'alerts.json');
      const tests = alerts.flatMap((alert) => testsOf(alert, alertCases[alert.alert] as AlertCase));
      await Bun.write(file, JSON.stringify({ rule_files: [join(prometheusFiles, 'alerts.yml')], tests }));
      await promtool('test', 'rules', file);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

/** As promtool wants them: one in which the alert fires, one in which it does not. */
function testsOf({ alert, labels, annotations }: Alert, given: AlertCase): object[] {
  const fired = [{ exp_labels: { ...labels, ...given.labels }, exp_annotations: annotations }];
  return [
    { series: given.fires, expected: fired },
    { series: given.quiet, expected: [] },
  ].map(({ series, expected }) => ({
    name: alert,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ alertname: alert, eval_time: `${given.at}m`, exp_alerts: expected }],
  }));
}

describe('a Prometheus that reads a hub and an engine', () => {
  const open = new AsyncDisposableStack();
  let prometheus: RunningPrometheus;
  let addresses: readonly string[];
  let known: ReadonlySet<string>;

  beforeAll(async () => {
    // The hub that counts most.
    const { settings } = open.use(await startTestStore());
    const { CAIS_TEST_BUCKET: bucket, ...store } = settings;
    const hub = open.use(
      await startHub({
        ...store,
        CAIS_HUB_DATABASE: await newPostgresDatabase(),
        CAIS_HUB_BLOBS: `s3://${bucket}/hub`,
        CAIS_HUB_DRAIN: '0',
      }),
    );
    const engine = `127.0.0.1:${await freePort()}`;
    open.use(await RunningEngine.start({ metricsAddr: engine }));
    addresses = [hub.host, engine];
    prometheus = open.use(await RunningPrometheus.start(hub.host, engine));
    known = new Set([...Object.keys(await prometheus.ask<object>('metadata')), 'up']);
  });
  afterAll(() => open.disposeAsync());

  test('knows both by the jobs of our configuration', async () => {
    const { result } = await prometheus.ask<{
      result: { metric: { job: string }; value: [number, string] }[];
    }>('query', { query: 'up' });
    const jobs = result.map(({ metric, value }) => `${metric.job} ${value[1]}`);
    expect(jobs.toSorted()).toEqual(['cais-engine 1', 'cais-hub 1']);
  });

  test('finds nothing to blame in the form of what they tell', async () => {
    for (const address of addresses) {
      const input = await (await fetch(`http://${address}/metrics`)).text();
      const { stdout, stderr } = await run(['promtool', 'check', 'metrics'], { input });
      const blamed = (stdout + stderr).split('\n').filter((line) => line !== '' && !isOfDocker(line));
      expect(blamed).toEqual([]);
    }
  });

  test.each(['hub.json', 'engine.json'])('answers what the dashboard %s asks', async (name) => {
    const { panels } = (await Bun.file(join(prometheusFiles, '../grafana', name)).json()) as Dashboard;
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(asked.length).toBeGreaterThan(15);
    for (const expr of asked) await expectAnswer(expr);
  });

  test('answers what the alerts ask, and has none to fire', async () => {
    for (const { expr } of alerts) await expectAnswer(expr);
    const { groups } = await prometheus.ask<{ groups: { rules: { name: string; health: string }[] }[] }>(
      'rules',
    );
    const loaded = groups.flatMap(({ rules: each }) => each);
    const names = loaded.map(({ name }) => name);
    expect(names.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
    expect(loaded.filter(({ health }) => health === 'err')).toEqual([]);
  });

  /** Data or none, without an error, and of metrics that there are. */
  async function expectAnswer(expr: string): Promise<void> {
    const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
    const { resultType } = await prometheus.ask<{ resultType: string }>('query', { query });
    expect(resultType, expr).toBe('vector');
    const named = metricsIn(expr);
    expect(named, expr).not.toEqual([]);
    expect(named.filter((each) => !known.has(each))).toEqual([]);
  }
});

/** What docker's daemon names against Prometheus' rules, and dashboards know by these names. */
function isOfDocker(line: string): boolean {
  return line.startsWith('engine_daemon_events_subscribers_total ');
}

/** Names before braces and ranges, or by themselves where a rule needs no label. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, '""');
  return [...bare.matchAll(/\b((?:cais|engine|builder|process)_\w+|up)\b(?!\s*\()/g)].map(([, name = '']) =>
    name.replace(/_(?:bucket|count|sum)$/, ''),
  );
}
