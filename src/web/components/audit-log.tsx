/** The audit log: looked through by filters, a page at a time, and all that fits as a file. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditLogPage } from '../../hub-api/types.ts';
import { type AuditFilter, auditFileOf, isAuditFiltered, noAuditFilter, useAuditLog } from '../hub/audit.ts';
import { isFailed } from '../hub/queries.ts';
import { AuditEntries } from './audit-entries.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { Failure } from './failure.tsx';
import { Pager } from './pager.tsx';
import { ListSkeleton } from './repository-list.tsx';

const typingPause = 200;
/** Where the hub's pages end. */
const maxDepth = 10_000;

interface AuditLogProps {
  /** Whose log; undefined: the whole hub's. */
  readonly account: string | undefined;
  readonly pageSize: number;
}

export function AuditLogList({ account, pageSize }: AuditLogProps) {
  const [typed, setTyped] = useState(noAuditFilter);
  const [page, setPage] = useState(1);
  const [filter] = useDebouncedValue(typed, typingPause);
  const change = (changes: Partial<AuditFilter>): void => {
    setTyped({ ...typed, ...changes });
    setPage(1);
  };
  const log = useAuditLog(account, filter, { page, size: pageSize });
  return (
    <Stack gap="md">
      <AuditFilters filter={typed} onChange={change} />
      <Group gap="xs">
        <ExportLink account={account} filter={filter} format="csv" />
        <ExportLink account={account} filter={filter} format="json" />
      </Group>
      {log.isPending && <ListSkeleton />}
      {isFailed(log) && <Failure error={log.error} retry={log.refetch} />}
      {!isFailed(log) && log.data && (
        <div aria-busy={log.isPlaceholderData}>
          <Entries log={log.data} isFiltered={isAuditFiltered(filter)} withAccount={account === undefined} />
          <Pages log={log.data} page={page} pageSize={pageSize} onChange={setPage} />
        </div>
      )}
    </Stack>
  );
}

interface ExportLinkProps {
  readonly account: string | undefined;
  readonly filter: AuditFilter;
  readonly format: 'csv' | 'json';
}

function ExportLink({ account, filter, format }: ExportLinkProps) {
  const { t } = useTranslation();
  return (
    <Button
      component="a"
      href={auditFileOf(account, filter, format)}
      download
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      {t(format === 'csv' ? 'audit.exportCsv' : 'audit.exportJson')}
    </Button>
  );
}

interface EntriesProps {
  readonly log: AuditLogPage;
  readonly isFiltered: boolean;
  readonly withAccount: boolean;
}

function Entries({ log, isFiltered, withAccount }: EntriesProps) {
  const { t } = useTranslation();
  if (log.logs.length > 0) return <AuditEntries entries={log.logs} withAccount={withAccount} />;
  return (
    <Text size="sm" c="dimmed" role="status">
      {isFiltered ? t('audit.noMatch') : t('audit.empty')}
    </Text>
  );
}

interface PagesProps {
  readonly log: AuditLogPage;
  readonly page: number;
  readonly pageSize: number;
  readonly onChange: (page: number) => void;
}

/** How many entries fit is not counted, which would take as long as reading them: only that there is a next page is known. */
function Pages({ log, page, pageSize, onChange }: PagesProps) {
  const { t } = useTranslation();
  const isLast = (page + 1) * pageSize > maxDepth;
  const count = page * pageSize + (log.has_more && !isLast ? 1 : 0);
  return (
    <>
      {log.has_more && isLast && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('audit.furthest')}
        </Text>
      )}
      <Pager count={count} pageSize={pageSize} page={page} onChange={onChange} />
    </>
  );
}
