/** What a page that follows a repository is told beside that it changed. */
import { z } from 'zod';

export const liveProgressSchema = z
  .object({
    arriving: z.array(z.int()).describe('Bytes so far of each layer that arrives now.'),
    blobs: z.int().describe('What of the push has arrived whole.'),
    bytes: z.int().describe('Its bytes.'),
  })
  .meta({ id: 'LiveProgress', description: 'How far the layers of a push have come.' });

export const livePushSchema = z
  .object({ tag: z.string(), account: z.string() })
  .meta({ id: 'LivePush', description: 'A tag that was pushed in this moment.' });
