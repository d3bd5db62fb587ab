/** A directory with Dockerfiles in it and an engine of its own: what `cais build` is tried in as people type it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RunningEngine } from './running-engine.ts';

const program = join(import.meta.dir, '../../src/bin/cais.ts');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export class BuildDirectory implements AsyncDisposable {
  readonly engine: RunningEngine;
  readonly path: string;

  private constructor(engine: RunningEngine, path: string) {
    this.engine = engine;
    this.path = path;
  }

  static async open(): Promise<BuildDirectory> {
    const path = mkdtempSync(join(tmpdir(), 'cais-build-'));
    return new BuildDirectory(await RunningEngine.start(), path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    rmSync(this.path, { recursive: true });
  }

  /** A file below the directory. */
  write(path: string, text: string): void {
    const whole = join(this.path, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  }

  /** One command, in the directory. */
  cais(...words: readonly string[]): Promise<Ended> {
    return this.fed('', ...words);
  }

  /** The same with something on its standard input. */
  async fed(input: string, ...words: readonly string[]): Promise<Ended> {
    const variables = {
      CAIS_HOST: `unix://${this.engine.socketPath}`,
      DOCKER_CONFIG: this.path,
      NO_COLOR: '1',
    };
    const child = Bun.spawn([process.execPath, program, ...words], {
      cwd: this.path,
      env: { ...process.env, ...variables },
      stdin: new Blob([input]),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { stdout, stderr, exitCode };
  }

  /** Builds a Dockerfile of nothing else. @returns its files: texts by path. @throws with what the build said. */
  async files(dockerfile: string, ...flags: readonly string[]): Promise<Record<string, string>> {
    this.write('main/Dockerfile', dockerfile);
    const output = join(this.path, 'out');
    rmSync(output, { recursive: true, force: true });
    const { stderr, exitCode } = await this.cais('build', '-o', output, ...flags, 'main');
    if (exitCode !== 0) throw new TypeError(stderr);
    return textsIn(output);
  }

  async imageIds(): Promise<string[]> {
    const { body } = await this.engine.call('GET', '/images/json?all=1');
    return (body as unknown as { Id: string }[]).map(({ Id }) => Id);
  }
}

/** The texts of all files below a directory, by path. */
function textsIn(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]),
  );
}
