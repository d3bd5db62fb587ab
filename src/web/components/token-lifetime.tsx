/** How long a new access token is good for. */
import { NativeSelect, type NativeSelectProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** In days; '' is for ever. */
const lifetimes = ['30', '90', '365', ''] as const;
export type TokenLifetime = (typeof lifetimes)[number];
const day = 86_400_000;

export const usualLifetime: TokenLifetime = '90';

/** When a token that is made now ends, as the hub takes it. */
export function expiryOf(lifetime: TokenLifetime): string | null {
  return lifetime === '' ? null : new Date(Date.now() + Number(lifetime) * day).toISOString();
}

export function TokenLifetimeInput(props: NativeSelectProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t('tokens.lifetime')}
      data={lifetimes.map((days) => ({
        value: days,
        label: days === '' ? t('tokens.forEver') : t('tokens.days', { count: Number(days) }),
      }))}
      {...props}
    />
  );
}
