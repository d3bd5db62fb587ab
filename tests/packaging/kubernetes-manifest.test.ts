/**
 * The Kubernetes manifest against what Kubernetes itself publishes of its objects: the validators check values, the types
 * know every field, as the API server does for `kubectl apply`.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import { run } from '../../src/lib/subprocess.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const root = join(import.meta.dir, '../..');
const text = await Bun.file(join(root, 'packaging/kubernetes/cais-hub.yaml')).text();

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** By their version and kind. */
const models: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  'v1/ConfigMap': ConfigMap,
  'apps/v1/Deployment': Deployment,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
  'v1/Service': Service,
  'networking.k8s.io/v1/Ingress': Ingress,
};

const nameOf = ({ apiVersion, kind }: Manifest): string => `${apiVersion}/${kind}`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-kubernetes-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** @returns what is wrong with the objects of this text; nothing is ''. */
async function faultsOf(yaml: string): Promise<string> {
  const objects = Bun.YAML.parse(yaml) as Manifest[];
  const faults = objects.map((object) => {
    const Model = models[nameOf(object)];
    if (!Model) return `${nameOf(object)} is not known`;
    try {
      new Model(object as never).validate();
      return '';
    } catch (error) {
      return String(error);
    }
  });
  return [...faults, await unknownFields(objects)].filter(Boolean).join('\n');
}

/** Literals may have no field that their type has not: a compiler tells what validators pass over. */
async function unknownFields(objects: readonly Manifest[]): Promise<string> {
  const lines = objects.map((object, index) => {
    const group = object.apiVersion;
    const types = JSON.stringify(join(root, `node_modules/kubernetes-models/${group}/index.d.ts`));
    return `import type { I${object.kind} } from ${types};\nexport const object${index}: I${object.kind} = ${JSON.stringify(object)};\n`;
  });
  const file = join(directory, 'manifest.ts');
  await Bun.write(file, lines.join(''));
  const flags =
    '--ignoreConfig --noEmit --strict --skipLibCheck --module preserve --allowImportingTsExtensions';
  const { stdout } = await run([join(root, 'node_modules/.bin/tsc'), ...flags.split(' '), file]);
  return stdout;
}

test('the manifest is what Kubernetes takes', async () => {
  expect(await faultsOf(text)).toBe('');
});

describe('what is wrong is found', () => {
  test.each([
    [
      'a field that is not there',
      'terminationGracePeriodSeconds:',
      'terminationGracePeriod:',
      'terminationGracePeriod',
    ],
    [
      'a field in a wrong place',
      'containerPort: 5000',
      'containerPort: 5000\n              timeoutSeconds: 1',
      'timeoutSeconds',
    ],
    ['a value of another type', 'replicas: 3', "replicas: '3'", 'replicas must be integer'],
    ['a quantity', 'memory: 1Gi', 'memory: 1 GB', 'limits/memory'],
    ['a word that is none', 'pathType: Prefix', 'pathType: Start', 'pathType'],
    ['what has to be there', 'maxSkew: 1', 'minDomains: 1', 'maxSkew'],
  ])('%s', async (_what, right, wrong, told) => {
    expect(text).toContain(right);
    expect(await faultsOf(text.replace(right, wrong))).toContain(told);
  });
});
