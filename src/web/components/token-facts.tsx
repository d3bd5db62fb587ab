/** A row of an access token: its name, what it may do, and when it was used; and the buttons that stop and end it. */
import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ConfirmButton } from './confirm.tsx';
import { FailureAlert } from './failure.tsx';
import { RelativeTime } from './relative-time.tsx';

interface TokenFactsProps {
  readonly label: string;
  readonly isActive: boolean;
  /** In the reader's words. */
  readonly rights: string;
  readonly lastUsed: string | null;
  readonly expires: string | null;
  readonly error: Error | null;
  readonly isUpdating: boolean;
  readonly removal: { readonly isPending: boolean; readonly error: Error | null; reset(): void };
  readonly setActive: (isActive: boolean) => void;
  readonly remove: () => void;
}

export function TokenFacts(token: TokenFactsProps) {
  const { t } = useTranslation();
  const { label, isActive } = token;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Text fw={600} size="sm">
          <bdi>{label}</bdi>
          {!isActive && (
            <Text span inherit c="dimmed" fw={400}>
              {' '}
              {t('tokens.inactive')}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {token.rights} · {t('tokens.lastUsed')}{' '}
          {token.lastUsed ? <RelativeTime time={token.lastUsed} /> : t('common.never')}
          {token.expires && (
            <>
              {' '}
              · {t('tokens.ends')} <RelativeTime time={token.expires} />
            </>
          )}
        </Text>
        <FailureAlert error={token.error} />
      </div>
      <Group gap="xs" wrap="nowrap" flex="none">
        <Button
          size="xs"
          variant="default"
          loading={token.isUpdating}
          aria-label={t(isActive ? 'tokens.disableThis' : 'tokens.enableThis', { label })}
          onClick={() => token.setActive(!isActive)}
        >
          {isActive ? t('tokens.disable') : t('tokens.enable')}
        </Button>
        <ConfirmButton
          label={t('tokens.delete')}
          ariaLabel={t('tokens.deleteThis', { label })}
          look={{ size: 'xs' }}
          title={t('tokens.deleteTitle', { label })}
          text={t('tokens.deleteText')}
          action={t('tokens.delete')}
          work={token.removal}
          onConfirm={token.remove}
        />
      </Group>
    </>
  );
}
