/**
 * dockerd 20.10 and this engine, asked the same at API 1.41. Every difference is in the table below with its reason: one
 * that is not there fails, and so does one that has gone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { RunningEngine } from '../support/running-engine.ts';
import { askOver, differences } from './support/compare.ts';
import { type NetworkedDockerd, startNetworkedDockerd } from './support/networked-dockerd.ts';
import { questions } from './support/questions.ts';

/** Question, path within the answer (`*` is anything), and why. */
const expected: readonly (readonly [question: string, path: string, reason: string])[] = [
  ['version', 'body.Platform.Name', 'the name of this engine'],
  ['version', 'body.*Version', 'versions of other programs'],
  ['version', 'body.Components.*', 'conmon and Bun stand where containerd does'],
  ['version', 'body.GitCommit', 'not built from a known commit'],
  ['version', 'body.GoVersion', 'no Go'],
  ['version', 'body.BuildTime', 'not told'],
  ['info', 'body.ID', 'newer dockerd gives a UUID as well'],
  ['info', 'body.DriverStatus.*', 'newer dockerd tells of metacopy as well'],
  ['info', 'body.Plugins.*', 'drivers that are not here'],
  ['info', 'body.KernelMemory*', 'the kernel has given these limits up, newer dockerd too'],
  ['info', 'body.BridgeNfIp*', 'rules are in nftables; newer dockerd says false as well'],
  ['info', 'body.NFd', 'counted in debug mode, as the document says'],
  ['info', 'body.NGoroutines', 'no goroutines'],
  ['info', 'body.RegistryConfig.InsecureRegistryCIDRs.*', 'newer dockerd trusts ::1 as well'],
  ['info', 'body.ServerVersion', 'another program'],
  ['info', 'body.LiveRestoreEnabled', 'containers outlive the engine always'],
  ['info', 'body.*Commit.*', 'versions, not commits, are what programs tell'],
  ['info', 'body.SecurityOptions.0', 'the profile is called builtin since 23.0'],
  ['info', 'body.Runtimes.*', "containerd's names of runc"],
  ['df', 'body.BuildCache', 'an empty list where there is none, as newer dockerd'],
  ['df', 'body.Images.0.RepoDigests', 'a list in every answer, as newer dockerd'],
  ['images', 'body.0.RepoDigests', 'a list in every answer, as newer dockerd'],
  [
    'image',
    'body.GraphDriver.Data*',
    "layers are mounted while they are used: their places are the engine's own",
  ],
  ['image', 'body.Metadata.LastTagTime', 'the image of the test is put in with its name'],
  ['networks', '*.EnableIPv4', 'newer dockerd tells it to every client'],
  ['networks', '*.IPAM.Options', 'an empty map where none were given'],
  ['networks', 'bridge.Options.com.docker.network.bridge.name', "the bridge is the test's own"],
  ['bridge', 'body.EnableIPv4', 'newer dockerd tells it to every client'],
  ['bridge', 'body.IPAM.Options', 'an empty map where none were given'],
  ['bridge', 'body.Options.com.docker.network.bridge.name', "the bridge is the test's own"],
  ['*', '*IPAM.Config.0.Gateway', 'newer dockerd tells it of its own bridge as well'],
  ['anonymous volume', 'created.body.Labels*', 'newer dockerd labels it'],
  ['*', 'HostConfig.Mounts.*.DriverConfig.Options', 'kept as it was sent, and an empty map was'],
  ['*', 'inspect.body.*Path', 'known from the beginning, not from the first start'],
  ['*', 'inspect.body.HostConfig.PortBindings', 'an empty map where none were asked for, as the CLI sends'],
  ['*', 'inspect.body.HostConfig.Dns*', 'an empty list where none were asked for, as the CLI sends'],
  ['*', 'inspect.body.HostConfig.Blkio*', 'an empty list where none were asked for, as the CLI sends'],
  ['*', 'inspect.body.HostConfig.Devices', 'an empty list where none were asked for, as the CLI sends'],
  ['*', 'inspect.body.HostConfig.Ulimits', 'an empty list where none were asked for, as newer dockerd'],
  ['*', 'inspect.body.HostConfig.NetworkMode', 'default is called bridge since 26.0'],
  ['*', 'list.body.0.HostConfig.NetworkMode', 'default is called bridge since 26.0'],
  ['*', 'inspect.body.HostConfig.RestartPolicy.Name', 'no policy is called no since 25.0'],
  ['plain', 'inspect.body.HostConfig.Runtime', 'known from the beginning, not from the first start'],
  ['privileged', 'inspect.body.HostConfig.ReadonlyPaths', 'an empty list means none'],
  ['*', 'inspect.body.HostConfig.MaskedPaths*', 'newer dockerd hides more'],
  ['*', 'inspect.body.HostConfig.KernelMemory*', 'gone from the document'],
  [
    '*',
    'inspect.body.GraphDriver.Data*',
    "layers are mounted while they are used: their places are the engine's own",
  ],
  ['*', '*.Networks.*.GwPriority', 'newer dockerd tells it to every client'],
  ['network*', 'asked.inspect.body.EnableIPv4', 'newer dockerd tells it to every client'],
  ['network*', 'asked.inspect.body.IPAM.Options', 'an empty map where none were given'],
  ['*', 'asked.*.Networks.askednet.DNSNames.*', 'newer dockerd tells it to every client'],
  ['names on a network', 'asked.hosts', 'zeros at the end of an address are written as newer dockerd does'],
  ['connected and disconnected', 'asked.again.status', 'not being connected is the client’s mistake: 400'],
  ['*', '*.Networks.*.DNSNames', 'newer dockerd tells it to every client'],
  ['*', '*.Networks.*.Links', 'left out where nothing was asked for'],
  ['*', '*.Networks.*.Aliases', 'left out where nothing was asked for'],
  ['full', 'list.body.0.Mounts./anonymous.Source', 'told in the list as in inspect'],
  ['events of run --rm', 'events.3.Actor.Attributes.execDuration', 'newer dockerd tells it'],
  ['events of run --rm', 'waited.body.Error', 'left out where there is none, as newer dockerd'],
  ['*filters=*', 'body.message', 'newer dockerd begins it with a small letter, and names the value'],
  ['GET /containers/json?limit=x', '*', 'a bad number is the client’s fault: 400'],
  ['POST /containers/create {}', 'body.message', 'newer dockerd begins it with a small letter'],
  ['*"RestartPolicy":{"Name":"x"}}}', 'body.message', 'the sentence of newer dockerd'],
  ['*"Binds"*', 'status', '400 in newer dockerd'],
  ['GET /images/nothing/json', 'body.message', 'the sentence of newer dockerd'],
  ['POST /images/busybox/tag?repo=UPPER', '*', '400 and the sentence of newer dockerd'],
  ['GET /images/search*', 'body.message', 'newer dockerd begins it with a small letter'],
];

let engine: RunningEngine;
let dockerd: NetworkedDockerd;
/** `question, path: ours <> dockerd's`, by question and path. */
const found: { question: string; path: string; text: string }[] = [];

beforeAll(async () => {
  [engine, dockerd] = await Promise.all([RunningEngine.start(), startNetworkedDockerd()]);
  const [ours, theirs] = [engine.socketPath, dockerd.socketPath].map((path) => askOver(path, 'v1.41'));
  for (const [question, ask] of Object.entries(questions)) {
    if (!ours || !theirs) break;
    const answers = [await ask(ours), await ask(theirs)] as const;
    for (const [path, text] of differences(...answers)) found.push({ question, path, text });
  }
}, 300_000);
afterAll(async () => {
  await Promise.all([engine[Symbol.asyncDispose](), dockerd[Symbol.asyncDispose]()]);
}, 300_000);

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

describe('beside dockerd', () => {
  test('answers differ only where the table says so', () => {
    const unlisted = found.filter(
      ({ question, path }) =>
        !expected.some(([where, what]) => matches(where, question) && matches(what, path)),
    );
    expect(unlisted.map(({ question, path, text }) => `${question}, ${path}: ${text}`)).toEqual([]);
  });

  test('what the table says still differs', () => {
    const gone = expected.filter(
      ([where, what]) => !found.some(({ question, path }) => matches(where, question) && matches(what, path)),
    );
    expect(gone.map(([where, what]) => `${where}, ${what}`)).toEqual([]);
  });
});
