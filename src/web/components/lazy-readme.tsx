/** The README's renderer, which most pages do without: it comes when there is something to render. */
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

export const loadReadme = () => import('./readme.tsx');
const Readme = lazy(async () => ({ default: (await loadReadme()).Readme }));

export function LazyReadme({ markdown }: { readonly markdown: string }) {
  return (
    <Suspense fallback={<Skeleton height={160} />}>
      <Readme markdown={markdown} />
    </Suspense>
  );
}
