/**
 * The CLI: argv in, exit code out. Reads the global flags, finds the command in the tree, loads it alone, reads its flags,
 * runs it, and maps what it throws. Nothing here ends the process: bin/cais.ts does.
 */
import { type EngineAddress, parseAddress } from '../engine-api/address.ts';
import { CaisError, messageOf } from '../lib/errors.ts';
import type { Command } from './command.ts';
import type { Entry, Group } from './command-entries.ts';
import { root } from './command-tree.ts';
import { type CliConfig, parseHost, readConfig, type TlsChoice } from './config.ts';
import { type CliContext, connectEngine, type Input, type ServerCommands, version } from './context.ts';
import { ExitError, exitCodeOf } from './exit-code.ts';
import type { FlagValues } from './flags.ts';
import { globalFlags } from './global-flags.ts';
import type { Output } from './output.ts';
import { parseFlags } from './parse-flags.ts';

/** The tree, and the command that looks through it itself. */
const commands: Group = {
  ...root,
  entries: {
    ...root.entries,
    __complete: {
      kind: 'command',
      short: 'Print the words that may come next',
      load: async () => (await import('./commands/complete.ts')).complete,
      hidden: true,
    },
  },
};

export interface CliEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly err: Output;
  readonly input: Input;
  readonly servers: ServerCommands;
}

/** Runs one command line, without the program's name. Never throws: whatever fails is a line on stderr. */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  try {
    return await dispatch(argv, environment);
  } catch (error) {
    const message = error instanceof CaisError ? messageOf(error) : unexpected(error, argv);
    if (message !== '') await environment.err.write(`${message}\n`);
    return exitCodeOf(error);
  }
}

/** A fault of ours or of the machine: the user sees what happened, `-D` where. */
function unexpected(error: unknown, [first]: readonly string[]): string {
  const isDebug = first === '-D' || first === '--debug';
  return (isDebug && error instanceof Error && error.stack) || messageOf(error);
}

async function dispatch(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  const parsed = await usageErrors('', undefined, () => parseFlags(globalFlags, argv, false));
  if ('help' in parsed) return showHelp(environment, []);
  const { values, args } = parsed;
  if (values.version) {
    await environment.out.write(`cais version ${version}\n`);
    return 0;
  }
  if (args.length === 0) {
    const { rootHelp } = await import('./usage.ts');
    await environment.err.write(rootHelp(root, environment.err.columns));
    return 0;
  }
  if (args[0] === 'help') return showHelp(environment, args.slice(1));
  const config = override(readConfig(environment.variables), values);
  // A tunnel, where the engine is behind one.
  await using opened = new AsyncDisposableStack();
  return await runCommand(args, createContext(config, environment, opened), environment);
}

function override(config: CliConfig, flags: FlagValues<typeof globalFlags>): CliConfig {
  if (flags.host.length > 1) throw new ExitError(1, 'Specify only one -H');
  const [host] = flags.host;
  if (host !== undefined && flags.context !== undefined) {
    throw new ExitError(1, 'conflicting options: cannot specify both --host and --context');
  }
  const { hostVariable: _variable, ...others } = config;
  return {
    ...(host === undefined ? config : { ...others, host: parseHost(host) }),
    ...(flags.context !== undefined && { context: flags.context }),
    ...(flags.config !== undefined && { directory: flags.config }),
    tls: overrideTls(config.tls, flags),
  };
}

/** Whoever says anything about --tlsverify means TLS. */
function overrideTls(tls: TlsChoice, flags: FlagValues<typeof globalFlags>): TlsChoice {
  return {
    isOn: flags.tlsverify !== undefined || (flags.tls ?? tls.isOn) || tls.verifies,
    verifies: flags.tlsverify ?? tls.verifies,
    ca: flags.tlscacert,
    cert: flags.tlscert,
    key: flags.tlskey,
    directory:
      flags.config !== undefined && tls.directory.endsWith('/.docker') ? flags.config : tls.directory,
  };
}

function createContext(
  config: CliConfig,
  environment: CliEnvironment,
  opened: AsyncDisposableStack,
): CliContext {
  const configFile = once(async () => {
    const { readConfigFile } = await import('./config-file.ts');
    return await readConfigFile(config.directory);
  });
  const headers = async () => {
    // Most people have no config.json or no headers in it; looking costs one failed open.
    return (await configFile()).headers;
  };
  const endpoint = once(async () => {
    const { resolveEndpoint } = await import('./endpoint.ts');
    return resolveEndpoint(config, await configFile());
  });
  const address = async (): Promise<EngineAddress> => {
    const { host, tls } = await endpoint();
    if (!host.startsWith('ssh:')) return parseAddress(host, tls);
    const { SshTunnel } = await import('./ssh-tunnel.ts');
    return { unix: opened.use(await SshTunnel.open(host)).path };
  };
  const engine = connectEngine(config, endpoint, address, headers);
  return { ...environment, config, configFile, endpoint, engine };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

interface Found {
  readonly path: string;
  readonly entry: Entry | Group;
  readonly rest: readonly string[];
}

/** Walks the tree along the words. */
function findCommand(words: readonly string[]): Found {
  let entry: Entry | Group = commands;
  const path: string[] = [];
  for (let at = 0; entry.kind === 'group'; at++) {
    const word = words[at];
    const next: Entry | Group | undefined =
      word !== undefined && Object.hasOwn(entry.entries, word) ? entry.entries[word] : undefined;
    if (word === undefined || !next)
      return { path: path.join(' '), entry: entry.own ?? entry, rest: words.slice(at) };
    path.push(word);
    entry = next;
  }
  return { path: path.join(' '), entry, rest: words.slice(path.length) };
}

async function runCommand(
  words: readonly string[],
  context: CliContext,
  environment: CliEnvironment,
): Promise<number> {
  const { path, entry, rest } = findCommand(words);
  if (entry.kind === 'group') return await unmatched(path, entry, rest, environment);
  const command = await entry.load();
  const parsed = command.isRaw
    ? { values: {}, args: rest, given: new Set<string>() }
    : await usageErrors(path, command, () => parseFlags(command.flags, rest, command.interspersed));
  if ('help' in parsed) return showHelp(environment, path.split(' '));
  if (parsed.args.length < command.count.least || parsed.args.length > command.count.most) {
    const { checkCount } = await import('./usage.ts');
    checkCount(path, command, parsed.args);
  }
  const { values: flags, args, given } = parsed;
  return (await command.run({ context, flags, args, given, calledAs: `cais ${path}` })) ?? 0;
}

async function unmatched(
  path: string,
  group: Group,
  rest: readonly string[],
  environment: CliEnvironment,
): Promise<number> {
  const { groupHelp, unknownCommand, flagError } = await import('./usage.ts');
  const [word] = rest;
  if (word === '--help' || word === '-h') return showHelp(environment, path.split(' '));
  if (word?.startsWith('-')) throw flagError(`unknown flag: ${word}`, path, undefined);
  if (word !== undefined) throw unknownCommand(path, word);
  await environment.err.write(groupHelp(path, group));
  return 0;
}

async function usageErrors<T>(path: string, command: Command | undefined, parse: () => T): Promise<T> {
  try {
    return parse();
  } catch (error) {
    const { flagError } = await import('./usage.ts');
    throw flagError(messageOf(error), path, command);
  }
}

/** `cais help run`, `cais run --help`. */
async function showHelp(environment: CliEnvironment, words: readonly string[]): Promise<number> {
  const { commandHelp, groupHelp, rootHelp } = await import('./usage.ts');
  const { path, entry, rest } = findCommand(words);
  if (rest.length > 0) throw new ExitError(1, `unknown help topic: ${words.join(' ')}`);
  const columns = environment.input.isTerminal ? environment.out.columns : 80;
  if (entry.kind === 'command') {
    await environment.out.write(commandHelp(path, entry.short, await entry.load(), columns));
  } else if (path === '') await environment.out.write(rootHelp(root, columns));
  else await environment.out.write(groupHelp(path, entry));
  return 0;
}
