/** How much of its quota a namespace uses, for who looks after it; nothing where there is no quota. */
import { Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuota } from '../hub/rules.ts';
import { useFormat } from '../text/format.ts';

export function NamespaceQuota({ namespace }: { readonly namespace: string }) {
  const quota = useQuota(namespace);
  if (!quota.data || quota.data.max_bytes === null) return null;
  const { used_bytes: used, max_bytes: max } = quota.data;
  return (
    <section className="card panel" style={{ marginBottom: 16 }}>
      <QuotaBar used={used} max={max} />
    </section>
  );
}

interface QuotaBarProps {
  /** In bytes. */
  readonly used: number;
  readonly max: number;
}

export function QuotaBar({ used, max }: QuotaBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = Math.min(used / max, 1);
  const text = t('quota.used', {
    used: format.bytes(used),
    max: format.bytes(max),
    share: format.share(used / max),
  });
  return (
    <>
      <Text size="sm" mb={8}>
        {text}
        {used >= max && ` ${t('quota.full')}`}
      </Text>
      <Progress value={100 * share} {...(share > 0.9 && { color: 'red' })} aria-label={text} />
    </>
  );
}
