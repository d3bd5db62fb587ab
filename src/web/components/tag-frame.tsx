/** What the pages about one tag have in common: they ask for the repository and the tag, and tell when either is not there. */
import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useParams } from 'react-router';
import { useLiveRepository } from '../hub/live.ts';
import { isFailed, useRepository, useTag } from '../hub/queries.ts';
import { isDigest, type ShownImage } from '../hub/shown-image.ts';
import { officialNamespace } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';
import { Failure } from './failure.tsx';
import { PushProgress } from './push-progress.tsx';
import { RepositoryHead } from './repository-head.tsx';
import { familiarName, RepositorySkeleton } from './repository-list.tsx';

/** What a tag or a digest names, and where it is. */
export interface TagPlace {
  readonly namespace: string;
  readonly name: string;
  readonly tag: ShownImage;
}

interface TagFrameProps {
  /** Of the page, for `name:tag` or `name@digest`. */
  readonly title: (reference: string) => string;
  readonly children: (place: TagPlace) => ReactNode;
}

export function TagFrame({ title, children }: TagFrameProps) {
  const { namespace = officialNamespace, name = '', tag: tagName = '' } = useParams();
  const repository = useRepository(namespace, name);
  const tag = useTag(namespace, name, tagName);
  const live = useLiveRepository(namespace, name, repository.isSuccess);
  usePageTitle(title(`${familiarName(namespace, name)}${isDigest(tagName) ? '@' : ':'}${tagName}`));
  if (repository.isPending || tag.isPending) return <RepositorySkeleton />;
  if (isFailed(repository)) return <Failure error={repository.error} retry={repository.refetch} />;
  if (isFailed(tag)) return <Failure error={tag.error} retry={tag.refetch} />;
  return (
    <Stack gap="lg">
      <RepositoryHead repository={repository.data} tag={tagName} />
      <PushProgress live={live} />
      {children({ namespace, name, tag: tag.data })}
    </Stack>
  );
}
