/** The set-ups of three copies: what stands in them fits together, and the hub takes every setting as it is meant. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubConfig, readHubConfig } from '../../src/hub/config.ts';
import { run } from '../../src/lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const packaging = join(import.meta.dir, '../../packaging');

/** Variables that the settings' page names. */
const documented = new Set(
  (await Bun.file(join(packaging, '../docs/operations.md')).text()).match(/[A-Z][A-Z\d_]+/g),
);

/** What `head -c 32 /dev/urandom | base64` tells. */
const secretsKey = Buffer.alloc(32, 7).toString('base64');

/** A value deep in parsed YAML, whose shape nobody has promised. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

/** Every variable is one that the hub reads, and it is read as something. */
function expectTeam(env: Readonly<Record<string, string>>): HubConfig {
  expect(Object.keys(env).filter((name) => !documented.has(name))).toEqual([]);
  const config = readHubConfig({}, env);
  expect(config.postgres).toBeDefined();
  expect(config.objectStore).toBeDefined();
  expect(config.access.trustedProxies.includes('10.1.2.3')).toBe(true);
  expect(config.access.trustedProxies.includes('203.0.113.1')).toBe(false);
  expect(config.drain.listening).toBeGreaterThanOrEqual(5000);
  return config;
}

describe('the Kubernetes manifest', () => {
  const text = readFileSync(join(packaging, 'kubernetes/cais-hub.yaml'), 'utf8');
  const objects = Bun.YAML.parse(text) as Loose[];
  const of = (kind: string): Loose =>
    objects.find((object) => object.kind === kind) ?? expect.unreachable(kind);
  const pod = of('Deployment').spec.template;
  const [hub] = pod.spec.containers;

  test('has copies that may be moved one at a time, and are drained', () => {
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
      'Ingress',
    ]);
    const { replicas, strategy } = of('Deployment').spec;
    expect([replicas, strategy.rollingUpdate.maxUnavailable]).toEqual([3, 0]);
    expect(of('PodDisruptionBudget').spec.minAvailable).toBeLessThan(replicas);
    const { drain } = readHubConfig({}, { CAIS_HUB_DRAIN: of('ConfigMap').data.CAIS_HUB_DRAIN });
    expect(pod.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(drain.listening + drain.ending);
  });

  test('has parts that find each other', () => {
    const { labels } = pod.metadata;
    expect(of('Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(of('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(of('Service').spec.selector).toEqual(labels);
    const ports = hub.ports.map(({ name }: Loose) => name);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(ports).toContain(hub[probe].httpGet.port);
    }
    expect(hub.readinessProbe.httpGet.path).toBe('/readyz');
    expect(hub.livenessProbe.httpGet.path).toBe('/healthz');
    const [port] = of('Service').spec.ports;
    expect(ports).toContain(port.targetPort);
    const { backend } = of('Ingress').spec.rules[0].http.paths[0];
    expect(backend.service).toEqual({ name: of('Service').metadata.name, port: { name: port.name } });
    const [{ configMapRef }] = hub.envFrom;
    expect(configMapRef.name).toBe(of('ConfigMap').metadata.name);
    const volumes = pod.spec.volumes.map(({ name }: Loose) => name);
    expect(hub.volumeMounts.map(({ name }: Loose) => name)).toEqual(volumes);
  });

  test('has settings that the hub takes, its secrets apart, and no rights', () => {
    const secrets: Readonly<Record<string, string>> = {
      CAIS_HUB_DATABASE: 'postgres://cais@db.example/cais',
      CAIS_HUB_SECRETS_KEY: secretsKey,
    };
    const given = Object.fromEntries(
      hub.env.map(({ name, valueFrom }: Loose) => {
        expect(text).toContain(`--from-literal=${valueFrom.secretKeyRef.key}=`);
        return [name, secrets[name] ?? 'x'];
      }),
    ) as Record<string, string>;
    const config = expectTeam({ ...of('ConfigMap').data, ...given });
    expect(config.publicUrl).toBe(`https://${of('Ingress').spec.rules[0].host}`);
    expect(pod.spec.securityContext.runAsNonRoot).toBe(true);
    expect(hub.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('the Compose file', () => {
  const env = {
    ...process.env,
    POSTGRES_PASSWORD: 'p',
    S3_ACCESS_KEY: 'a',
    S3_SECRET_KEY: 's',
    SECRETS_KEY: secretsKey,
  };
  const file = join(packaging, 'compose/compose.yaml');

  test('is taken by compose, with settings that the hub takes', async () => {
    const { exitCode, stdout, stderr } = await run(['docker-compose', '--file', file, 'config'], { env });
    expect(exitCode, stderr).toBe(0);
    const { services } = Bun.YAML.parse(stdout) as Loose;
    expect(Object.keys(services).filter((name) => name.startsWith('hub'))).toEqual(['hub1', 'hub2', 'hub3']);
    expect(services.hub2).toEqual(services.hub1);
    expectTeam(services.hub1.environment);
    expect(services.hub1.environment.CAIS_HUB_DATABASE).toContain(
      services.postgres.environment.POSTGRES_USER,
    );
  });

  test('asks for the secrets that it has not', async () => {
    const { exitCode, stderr } = await run(['docker-compose', '--file', file, 'config'], {
      env: { ...env, POSTGRES_PASSWORD: undefined },
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('POSTGRES_PASSWORD');
  });

  test('has a balancer that nginx takes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-balancer-'));
    try {
      const text = await Bun.file(join(packaging, 'compose/nginx.conf')).text();
      // The names of the copies are only known among containers.
      const path = join(directory, 'nginx.conf');
      await Bun.write(path, `pid ${directory}/pid;\n${text.replaceAll(/server hub\d/g, 'server 127.0.0.1')}`);
      const { exitCode, stderr } = await run(['nginx', '-e', `${directory}/log`, '-t', '-c', path]);
      expect(exitCode, stderr).toBe(0);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
