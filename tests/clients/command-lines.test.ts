/** The same command lines by cais, by docker 28 and by docker 20.10 on one engine: what each prints is the same. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { RunningEngine } from '../support/running-engine.ts';
import { CommandLines, type ProgramName } from './support/command-lines.ts';

let engine: RunningEngine;
let cli: CommandLines;

beforeAll(async () => {
  engine = await RunningEngine.start();
  cli = new CommandLines({ DOCKER_HOST: `unix://${engine.socketPath}`, CAIS_HOST: undefined });
});
afterAll(async () => {
  cli[Symbol.dispose]();
  await engine[Symbol.asyncDispose]();
});

const names: readonly ProgramName[] = ['cais', 'docker', 'docker 20.10'];

/** Exit code, stdout and stderr of a program, ids and times made alike. */
async function said(program: ProgramName, line: string): Promise<readonly [number, string, string]> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const { exitCode, stdout, stderr } = await cli.run(program, words);
  const alike = (text: string): string =>
    text
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
      .replaceAll(/\b(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b/g, 'SHORT')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/(?:Less than a|\d+) seconds?(?: ago)?/g, 'A WHILE');
  return [
    exitCode,
    alike(stdout),
    alike(stderr).replaceAll(/\b(?:cais|docker)(?=: | run --help)/g, 'PROGRAM'),
  ];
}

/** A whole life, each step printing what scripts read. */
const session = [
  'run -d --name life --network none --label a=b busybox sleep 60',
  "ps --format '{{.Names}} {{.Image}} {{.State}} {{.Labels}}' --filter label=a=b",
  'exec life echo through',
  "exec life sh -c 'exit 3'",
  'exec -e X=1 -w /tmp life sh -c echo',
  "inspect --format '{{.Name}} {{.State.Status}} {{json .Config.Labels}} {{.HostConfig.NetworkMode}}' life",
  'top life -eo comm',
  'pause life',
  "ps --filter name=life --format '{{.Status}}'",
  'unpause life',
  'rename life other',
  'kill other',
  'wait other',
  "ps -a --filter name=other --format '{{.Status}}'",
  'start other',
  'stop -t 0 other',
  'diff other',
  'commit -m why other made:1',
  "history --format '{{.Comment}}' made:1",
  "images --format '{{.Repository}}:{{.Tag}}' --filter reference=made",
  'tag made:1 made:2',
  'rmi made:2',
  'rm other',
  'rmi -f made:1',
  "run --rm --network none busybox sh -c 'echo out; echo err >&2; exit 5'",
  'run --rm --network none busybox nothing',
  'run --rm nothing-there-at-all:1 true',
  'volume create --label k=v kept',
  "volume ls --filter label=k --format '{{.Name}} {{.Driver}}'",
  'volume rm kept',
  "network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'",
  'logs nothing',
  'rm nothing',
  'start nothing',
  'volume rm nothing',
  "system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'",
  "info --format '{{.OSType}} {{.Swarm.LocalNodeState}} {{.Driver}}'",
  "version --format '{{.Server.APIVersion}}'",
];

/** Where docker 20.10 says it in other words than docker 28, whose words are cais's. */
const otherWords: ReadonlySet<string> = new Set([
  'run --rm --network none busybox nothing',
  'run --rm nothing-there-at-all:1 true',
  "system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'",
  "version --format '{{.Server.APIVersion}}'",
  'logs nothing',
  'rm nothing',
  'volume rm nothing',
]);

/** What each program said, line by line: the session is one life after another. */
const answers = new Map<ProgramName, Map<string, readonly [number, string, string]>>();

beforeAll(async () => {
  for (const program of names) {
    const own = new Map<string, readonly [number, string, string]>();
    for (const line of session) own.set(line, await said(program, line));
    answers.set(program, own);
  }
}, 120_000);

describe('cais says what docker 28 does:', () => {
  test.each(session.map((line) => [line]))('%s', (line) => {
    expect(answers.get('cais')?.get(line)).toEqual(answers.get('docker')?.get(line));
  });
});

describe('docker 20.10 is answered as well:', () => {
  test.each(session.filter((line) => !otherWords.has(line)).map((line) => [line]))('%s', (line) => {
    expect(answers.get('docker 20.10')?.get(line)).toEqual(answers.get('docker')?.get(line));
  });
});
