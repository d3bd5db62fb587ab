/** The first tab of a repository: README, how to pull, facts, the newest tags. */
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Page, Repository, Tag } from '../../hub-api/types.ts';
import { useCategoryName } from '../components/category-name.ts';
import { Command } from '../components/command.tsx';
import { EmptyRepository } from '../components/empty-repository.tsx';
import { Failure } from '../components/failure.tsx';
import { LazyReadme } from '../components/lazy-readme.tsx';
import { familiarName, ListSkeleton } from '../components/repository-list.tsx';
import { Platforms } from '../components/platforms.tsx';
import { PullChart } from '../components/pull-chart.tsx';
import { PushedBy } from '../components/pushed-by.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ToolChoice, useTool } from '../components/tool-commands.tsx';
import { isFailed, useTags } from '../hub/queries.ts';
import { accountPath, officialNamespace, repositoryPath, tagPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const newestTags = { page_size: 5, ordering: '-last_updated' } as const;

/** Begins to load what the overview shows while it is not known yet whether there is such a repository. */
export function usePreparedOverview(namespace: string, name: string, isShown: boolean): void {
  useTags(namespace, name, newestTags, isShown);
}

export function RepositoryOverview({ repository }: { readonly repository: Repository }) {
  const { namespace, name } = repository;
  const tags = useTags(namespace, name, newestTags);
  if (tags.isPending) return <ListSkeleton />;
  if (isFailed(tags)) return <Failure error={tags.error} retry={tags.refetch} />;
  if (tags.data.count === 0) {
    return (
      <Stack gap="lg">
        <EmptyRepository repository={repository} />
        {repository.full_description && <ReadmeCard repository={repository} />}
      </Stack>
    );
  }
  return (
    <div className="two-columns">
      <ReadmeCard repository={repository} />
      <Stack gap={28}>
        <Pull repository={repository} tags={tags.data.results} />
        <About repository={repository} newest={tags.data.results[0]} />
        <NewestTags repository={repository} tags={tags.data} />
        <PullChart repository={repository} />
      </Stack>
    </div>
  );
}

function ReadmeCard({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const { namespace, name, full_description: markdown, permissions } = repository;
  return (
    <section className="card panel" aria-label={t('repository.readme')}>
      {markdown ? (
        <LazyReadme markdown={markdown} />
      ) : (
        <Text c="dimmed">
          {t('repository.noReadme')}{' '}
          {permissions.admin && (
            <Anchor
              component={Link}
              to={repositoryPath(namespace, name, 'settings')}
              inherit
              underline="always"
            >
              {t('repository.writeReadme')}
            </Anchor>
          )}
        </Text>
      )}
    </section>
  );
}

/** `latest` where there is such a tag, as docker takes it; otherwise the newest. */
function Pull({ repository, tags }: { readonly repository: Repository; readonly tags: readonly Tag[] }) {
  const { t } = useTranslation();
  const { words, setTool } = useTool();
  const tag = tags.find(({ name }) => name === 'latest') ?? tags[0];
  const reference = `${familiarName(repository.namespace, repository.name)}:${tag?.name ?? 'latest'}`;
  return (
    <section>
      <Title order={2} size="h5" mb={8}>
        {t('repository.pull')}
      </Title>
      <Command text={`${words.tool} pull ${words.prefix}${reference}`} label={t('repository.pullCommand')} />
      <div style={{ marginTop: 8 }}>
        <ToolChoice tool={words.tool} onChange={setTool} />
      </div>
    </section>
  );
}

function About({
  repository,
  newest,
}: {
  readonly repository: Repository;
  readonly newest: Tag | undefined;
}) {
  const { t } = useTranslation();
  const nameOf = useCategoryName();
  const format = useFormat();
  const { namespace } = repository;
  return (
    <section>
      <Title order={2} size="h5" mb={10}>
        {t('repository.about')}
      </Title>
      <dl className="facts">
        {newest && (
          <Fact name={t('repository.lastPush')} isWide>
            <PushedBy tag={newest} />
          </Fact>
        )}
        {newest && (
          <Fact name={t('tags.platforms')} isWide>
            <Platforms images={newest.images} />
          </Fact>
        )}
        <Fact name={t('repository.size')}>{format.bytes(repository.storage_size)}</Fact>
        <Fact name={t('repository.pulls')}>{format.number(repository.pull_count)}</Fact>
        <Fact name={t('repository.visibility')}>
          {repository.is_private ? t('common.private') : t('common.public')}
        </Fact>
        {repository.categories.length > 0 && (
          <Fact name={t('repositoryCategories.title')} isWide>
            {repository.categories.map(nameOf).join(', ')}
          </Fact>
        )}
        {namespace !== officialNamespace && (
          <Fact name={t('repository.owner')}>
            <Anchor component={Link} to={accountPath(namespace)} inherit>
              {namespace}
            </Anchor>
          </Fact>
        )}
      </dl>
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

function Fact({ name, isWide = false, children }: FactProps) {
  return (
    <div className={isWide ? 'fact-wide' : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function NewestTags({ repository, tags }: { readonly repository: Repository; readonly tags: Page<Tag> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { namespace, name } = repository;
  const { count, results } = tags;
  return (
    <section>
      <Title order={2} size="h5" mb={8}>
        {t('repository.recentTags')}
      </Title>
      <ul className="rows card" aria-label={t('repository.recentTags')}>
        {results.map((tag) => (
          <li key={tag.name} className="row-small">
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Link className="repository-link mono" to={tagPath(namespace, name, tag.name)}>
                {tag.name}
              </Link>
              <Text size="sm" c="dimmed" flex="none">
                {format.bytes(tag.full_size)}
              </Text>
            </Group>
            <Text size="xs" c="dimmed">
              <RelativeTime time={tag.last_updated} />
            </Text>
          </li>
        ))}
      </ul>
      <Anchor
        component={Link}
        to={repositoryPath(namespace, name, 'tags')}
        size="sm"
        mt={10}
        display="inline-block"
      >
        {t('repository.allTags', { count, formatted: format.number(count) })}
      </Anchor>
    </section>
  );
}
