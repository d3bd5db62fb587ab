import { describe, expect, test } from 'bun:test';
import { runAgainstFake } from './testing/fake-engine.ts';

const runUsage =
  "\n\nUsage:  cais run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'cais run --help' for more information\n";

describe('wrong usage is told in docker words', () => {
  const cases: readonly (readonly [words: string, exitCode: number, stderr: string])[] = [
    ['run --foo x', 125, `unknown flag: --foo${runUsage}`],
    [
      'image --foo',
      125,
      "unknown flag: --foo\n\nUsage:  cais image\n\nRun 'cais image --help' for more information\n",
    ],
    ['run -itZ x', 125, `unknown shorthand flag: 'Z' in -Z${runUsage}`],
    ['run --name', 125, `flag needs an argument: --name${runUsage}`],
    ['run -p', 125, `flag needs an argument: 'p' in -p${runUsage}`],
    [
      'run --rm=zzz x',
      125,
      `invalid argument "zzz" for "--rm" flag: strconv.ParseBool: parsing "zzz": invalid syntax${runUsage}`,
    ],
    [
      'run --memory 3x y',
      125,
      `invalid argument "3x" for "-m, --memory" flag: invalid suffix: 'x'${runUsage}`,
    ],
    [
      'run --ulimit x y',
      125,
      `invalid argument "x" for "--ulimit" flag: invalid ulimit argument: x${runUsage}`,
    ],
    [
      'run -a foo y',
      125,
      `invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR${runUsage}`,
    ],
    [
      'run --health-interval x y',
      125,
      `invalid argument "x" for "--health-interval" flag: time: invalid duration "x"${runUsage}`,
    ],
    [
      'run',
      1,
      "cais: 'cais run' requires at least 1 argument\n\nUsage:  cais run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nSee 'cais run --help' for more information\n",
    ],
    [
      'tag a',
      1,
      "cais: 'cais tag' requires 2 arguments\n\nUsage:  cais tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]\n\nRun 'cais tag --help' for more information\n",
    ],
    [
      'ps x',
      1,
      "cais: 'cais ps' accepts no arguments\n\nUsage:  cais ps [OPTIONS]\n\nRun 'cais ps --help' for more information\n",
    ],
    ['foo', 1, "cais: unknown command: cais foo\n\nRun 'cais --help' for more information\n"],
    [
      'container foo',
      1,
      "cais: unknown command: cais container foo\n\nUsage:  cais container\n\nRun 'cais container --help' for more information\n",
    ],
    [
      'run --rm --restart always x',
      125,
      "cais: conflicting options: cannot specify both --restart and --rm\n\nRun 'cais run --help' for more information\n",
    ],
    [
      'run UPPER',
      125,
      "cais: invalid reference format: repository name (library/UPPER) must be lowercase\n\nRun 'cais run --help' for more information\n",
    ],
  ];
  test.each(cases)('%s', async (words, exitCode, stderr) => {
    const ran = await runAgainstFake(words.split(' '));
    expect({ exitCode: ran.exitCode, stderr: ran.stderr, asked: ran.asked.length }).toEqual({
      exitCode,
      stderr,
      asked: 0,
    });
  });

  test('no engine: the message names the address and what to type', async () => {
    const ran = await runAgainstFake(['-H', 'unix:///nonexistent/engine.sock', 'ps']);
    expect(ran.stderr).toBe(
      'Cannot connect to the cais engine at unix:///nonexistent/engine.sock. Is it running? Start it with: cais up\n',
    );
    expect(ran.exitCode).toBe(1);
    const run = await runAgainstFake(['-H', 'unix:///nonexistent/engine.sock', 'run', 'busybox']);
    expect(run.exitCode).toBe(125);
  });
});
