/** Documents name files and headings; both move. What docs/flows and the READMEs point at has to be there. */
import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dir, '../..');
const documents = ['*.md', 'docs/**/*.md'].flatMap((pattern) => [...new Bun.Glob(pattern).scanSync(root)]);

describe('documents', () => {
  for (const document of documents) {
    test(`${document} links to what is there`, async () => {
      const text = await Bun.file(join(root, document)).text();
      const broken: string[] = [];
      for (const [, link = '', heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const path = link === '' ? join(root, document) : join(root, dirname(document), link);
        const isThere = existsSync(path) && (heading === undefined || (await headingsOf(path)).has(heading));
        if (!isThere) broken.push(`${link}#${heading ?? ''}`);
      }
      expect(broken).toEqual([]);
    });
  }

  for (const flow of documents.filter((name) => name.startsWith('docs/flows/'))) {
    test(`${flow} names files that are there`, async () => {
      const text = await Bun.file(join(root, flow)).text();
      const missing: string[] = [];
      for (const line of text.split('\n')) {
        // A bare name is in the folder of the last path before it on its line, or in any folder that the flow names.
        let folder = '';
        for (const [, name = ''] of line.matchAll(/`([\w./-]+\.tsx?)`/g)) {
          if (name.includes('/')) folder = dirname(name);
          const found = name.includes('/') ? existsSync(join(root, name)) : isInAFolderOf(text, folder, name);
          if (!found) missing.push(name);
        }
      }
      expect(missing).toEqual([]);
    });
  }
});

/** As links of Markdown name them. */
async function headingsOf(path: string): Promise<ReadonlySet<string>> {
  const text = await Bun.file(path).text();
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function isInAFolderOf(text: string, folder: string, name: string): boolean {
  if (folder !== '' && existsSync(join(root, folder, name))) return true;
  const folders = new Set([...text.matchAll(/`(src\/[\w./-]+\/)[\w.-]*`?/g)].map((match) => match[1] ?? ''));
  return [...folders].some((candidate) => existsSync(join(root, candidate, name)));
}
