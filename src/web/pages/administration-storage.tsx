/** Who holds how much, the largest first, and what the disk has left. */
import { Progress, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { StoragePage } from '../../hub-api/types.ts';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { useStorage } from '../hub/system.ts';
import { accountPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const pageSize = 50;

export function AdministrationStorage() {
  const { t } = useTranslation();
  const format = useFormat();
  const [page, setPage] = useState(1);
  const storage = useStorage({ page, page_size: pageSize });
  if (storage.isPending) return <ListSkeleton />;
  if (isFailed(storage)) return <Failure error={storage.error} retry={storage.refetch} />;
  const { count, results, disk } = storage.data;
  return (
    <>
      <Disk disk={disk} />
      <Text size="sm" c="dimmed" mb="sm" role="status">
        {count === 0 ? t('administration.noStorage') : t('administration.storageLead')}
      </Text>
      <ul className="rows card" aria-label={t('administration.parts.storage')}>
        {results.map(({ namespace, repositories, tags, bytes }) => (
          <li key={namespace} className="row row-small setting-row">
            <div style={{ minWidth: 0 }}>
              <Link className="repository-link" to={accountPath(namespace)}>
                {namespace}
              </Link>
              <Text size="xs" c="dimmed">
                {t('administration.repositories', {
                  count: repositories,
                  formatted: format.number(repositories),
                })}
                {' · '}
                {t('tags.count', { count: tags, formatted: format.number(tags) })}
              </Text>
            </div>
            <span className="tag-size">{format.bytes(bytes)}</span>
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

function Disk({ disk }: Pick<StoragePage, 'disk'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { free, size } = disk;
  const text = t('administration.disk', { free: format.bytes(free), size: format.bytes(size) });
  return (
    <section className="card panel" style={{ marginBottom: 20 }}>
      <Text size="sm" mb={8}>
        {text}
      </Text>
      <Progress value={size === 0 ? 0 : (100 * (size - free)) / size} aria-label={text} />
    </section>
  );
}
