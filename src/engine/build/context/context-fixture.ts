/** For the tests of builds' contexts: archives made by hand, and the engine's directory for builds. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../../hub/testing/test-self.ts';
import { tar } from '../../../oci/layer/tar.ts';
import type { TarHeader } from '../../../oci/layer/tar-header.ts';
import { emptyHeader } from '../../../oci/layer/tar-header.ts';
import { type BuildContext, type ContextRequest, openContext } from './build-context.ts';
import { contextsDirectory } from './sweep-contexts.ts';

export interface Member extends Partial<Omit<TarHeader, 'name' | 'linkName' | 'size'>> {
  readonly name: string;
  readonly linkName?: string;
  readonly text?: string;
}

export async function archive(...members: readonly Member[]): Promise<Uint8Array> {
  const entries = members.map(({ name, linkName = '', text = '', ...rest }) => ({
    header: {
      ...emptyHeader,
      mode: 0o644,
      mtime: { seconds: 1_000_000_000, nanoseconds: 0 },
      ...rest,
      name: Buffer.from(name),
      linkName: Buffer.from(linkName),
      size: Buffer.byteLength(text),
    },
    content: [Buffer.from(text)],
  }));
  return Buffer.concat(await Array.fromAsync(tar(entries)));
}

export class ContextFixture implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'build-context-'));

  open(body: Uint8Array, request: Partial<ContextRequest> = {}): Promise<BuildContext> {
    return openContext({
      directory: this.directory,
      body: new Blob([Uint8Array.from(body)]).stream(),
      self: testSelf,
      signal: new AbortController().signal,
      ...request,
    });
  }

  /** What lies in the engine's directory. */
  get left(): string[] {
    return readdirSync(contextsDirectory(this.directory));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
