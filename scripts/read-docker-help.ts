/**
 * Writes scripts/data/docker-cli.json, the commands and flags of the docker CLI that is installed, from its own help:
 *   bun scripts/read-docker-help.ts [path/to/docker]
 */
interface DockerCommand {
  /** `container run`. */
  readonly path: string;
  /** Names with their dashes, letters left out. */
  readonly flags: readonly string[];
}

const [docker = 'docker'] = process.argv.slice(2);
// No engine: an engine's version would hide flags. No configuration: plugins are not docker's own.
const env = { PATH: process.env['PATH'], HOME: '/nonexistent', DOCKER_HOST: 'unix:///nonexistent.sock' };

function ask(args: readonly string[]): string {
  return Bun.spawnSync([docker, ...args], { env }).stdout.toString();
}

/** The words at the margin below a heading, up to the next empty line. */
function listBelow(help: string, heading: RegExp): string[] {
  const sections = help.split('\n\n');
  return sections
    .filter((section) => heading.test(section.split('\n')[0] ?? ''))
    .flatMap((section) => section.split('\n').slice(1))
    .flatMap((line) => /^ {2}([a-z][\w-]*)\*?(?: |$)/.exec(line)?.[1] ?? []);
}

function read(path: readonly string[]): DockerCommand[] {
  const help = ask([...path, '--help']);
  const commands = listBelow(help, /^(?:\w+ )?Commands:$/);
  if (commands.length > 0) return commands.flatMap((name) => read([...path, name]));
  const flags = [...help.matchAll(/^ {2,6}(?:-\w, )?(--[\w-]+)/gm)].map(([, name = '']) => name);
  return [{ path: path.join(' '), flags }];
}

const commands = read([]).toSorted((a, b) => (a.path < b.path ? -1 : 1));
const origin = `the help of ${ask(['--version']).trim()}`;
await Bun.write(
  new URL('data/docker-cli.json', import.meta.url),
  `${JSON.stringify({ origin, commands }, undefined, 2)}\n`,
);
