/** What starts the processes that a server runs parts of itself in, in tests. */
import { join } from 'node:path';

export const testSelf: readonly string[] = [process.execPath, join(import.meta.dir, '../../bin/cais.ts')];
