/** How much of its quota a namespace uses, for who looks after it; nothing where there is no quota. */
import { Progress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NamespaceQuota as Quota } from '../../hub-api/types.ts';
import { useQuota } from '../hub/rules.ts';
import { useFormat } from '../text/format.ts';

export function NamespaceQuota({ namespace }: { readonly namespace: string }) {
  const { data } = useQuota(namespace);
  if (!data) return null;
  const limits = [data.max_bytes, data.max_repositories, data.max_private_repositories];
  if (limits.every((limit) => limit === null)) return null;
  return (
    <section className="card panel" style={{ marginBottom: 16 }}>
      <QuotaBars quota={data} />
    </section>
  );
}

/** One for each limit that is set. */
export function QuotaBars({ quota }: { readonly quota: Quota }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bytes = quota.max_bytes;
  const all = quota.max_repositories;
  const open = quota.max_private_repositories;
  return (
    <Stack gap="sm">
      {bytes !== null && (
        <QuotaBar
          used={quota.used_bytes}
          max={bytes}
          text={t('quota.used', {
            used: format.bytes(quota.used_bytes),
            max: format.bytes(bytes),
            share: format.share(quota.used_bytes / bytes),
          })}
          full={t('quota.full')}
        />
      )}
      {all !== null && (
        <QuotaBar
          used={quota.repositories}
          max={all}
          text={t('quota.repositories', { used: format.number(quota.repositories), max: format.number(all) })}
          full={t('quota.repositoriesFull')}
        />
      )}
      {open !== null && (
        <QuotaBar
          used={quota.private_repositories}
          max={open}
          text={t('quota.privateRepositories', {
            used: format.number(quota.private_repositories),
            max: format.number(open),
          })}
          full={t('quota.privateFull')}
        />
      )}
    </Stack>
  );
}

interface QuotaBarProps {
  readonly used: number;
  readonly max: number;
  readonly text: string;
  /** What follows from there being no room. */
  readonly full: string;
}

function QuotaBar({ used, max, text, full }: QuotaBarProps) {
  const share = max === 0 ? 1 : Math.min(used / max, 1);
  return (
    <div>
      <Text size="sm" mb={8}>
        {text}
        {used >= max && ` ${full}`}
      </Text>
      <Progress value={100 * share} {...(share > 0.9 && { color: 'red' })} aria-label={text} />
    </div>
  );
}
