/** All that is known of an entry of the audit log; what only this action has by its name in the API. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditLog } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';

interface AuditFactsProps {
  readonly id: string;
  readonly entry: AuditLog;
  readonly withAccount: boolean;
}

export function AuditFacts({ id, entry, withAccount }: AuditFactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: readonly (readonly [label: string, value: string | null])[] = [
    [t('audit.time'), format.exact(new Date(entry.timestamp))],
    [t('audit.action'), entry.action],
    [t('audit.address'), entry.address],
    [t('audit.token'), entry.token],
    [t('audit.account'), withAccount ? entry.account : null],
    [t('audit.request'), entry.request_id],
  ];
  return (
    <dl id={id} className="pairs audit-facts">
      {facts.map(([label, value]) => value && <Fact key={label} label={label} value={value} />)}
      {Object.entries(entry.data).map(([name, value]) => (
        <Fact key={`data ${name}`} label={<span className="mono">{name}</span>} value={value} />
      ))}
    </dl>
  );
}

function Fact({ label, value }: { readonly label: ReactNode; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="mono">
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}
