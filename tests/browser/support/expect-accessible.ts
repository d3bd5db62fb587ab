/** What axe-core has to object to a page. */
import { expect } from 'bun:test';
import { source as axe } from 'axe-core';
import type { Visitor } from './visitor.ts';

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Opens the page and looks at it as it is once it has loaded. */
export async function expectAccessible(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await visitor.page.waitForLoadState('networkidle');
  await visitor.page.evaluate(axe);
  const { violations } = await visitor.page.evaluate<{ violations: Finding[] }>('axe.run()');
  const found = violations.map(({ id, nodes }) => [
    id,
    nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
  ]);
  expect([path, found]).toEqual([path, []]);
}

/** The page does not scroll sideways. */
export async function expectFits(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await visitor.page.waitForLoadState('networkidle');
  const tooWide = await visitor.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect([path, tooWide]).toEqual([path, 0]);
}
