/** The audit log for the pages: a part of it, and the address of all that fits. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { auditExportPath } from '../../hub-api/audit-client.ts';
import type { AuditQuery } from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

export const auditGroups = ['repo', 'org', 'account', 'hub', 'access'] as const;

/** As it stands in the inputs; days as they are where the reader is. */
export interface AuditFilter {
  readonly group: (typeof auditGroups)[number] | '';
  readonly actor: string;
  readonly name: string;
  readonly token: string;
  readonly address: string;
  readonly from: string;
  readonly to: string;
}

export const noAuditFilter: AuditFilter = {
  group: '',
  actor: '',
  name: '',
  token: '',
  address: '',
  from: '',
  to: '',
};

export function isAuditFiltered(filter: AuditFilter): boolean {
  return Object.values(filter).some((value) => value !== '');
}

/** @param account undefined: the whole hub's. */
export function useAuditLog(
  account: string | undefined,
  filter: AuditFilter,
  { page, size }: { readonly page: number; readonly size: number },
) {
  const { audit } = useHub();
  const query = { ...auditQueryOf(filter), page, page_size: size };
  return useQuery({
    queryKey: ['audit', account ?? null, query],
    queryFn: () => audit.page(account, query),
    placeholderData: keepPreviousData,
  });
}

export function auditFileOf(
  account: string | undefined,
  filter: AuditFilter,
  format: 'csv' | 'json',
): string {
  return auditExportPath(account, { ...auditQueryOf(filter), format });
}

function auditQueryOf({ group, from, to, ...texts }: AuditFilter): AuditQuery {
  const first = beginOf(from, 0);
  const end = beginOf(to, 1);
  return {
    ...(group && { action: `${group}.` }),
    ...Object.fromEntries(
      Object.entries(texts)
        .map(([key, value]) => [key, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    ),
    ...(first && { from: first }),
    ...(end && { to: end }),
  };
}

/** When a day begins, or one so many days later. Nothing while the day is being typed. */
function beginOf(day: string, later: number): string | undefined {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  if (!(year >= 1970 && year <= 9998)) return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}
