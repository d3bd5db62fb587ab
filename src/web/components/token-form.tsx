/** What is asked for a new access token of a person or of an organization, whose names for rights differ. */
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import type { FormEventHandler, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreateAccessTokenRequest } from '../../hub-api/types.ts';
import { FailureAlert } from './failure.tsx';
import { TokenLifetimeInput } from './token-lifetime.tsx';

const longestLabel = 100;

/** What Mantine's form gives to an input. */
type InputProps = object;

interface TokenFormProps<Scope extends string> {
  readonly scopes: readonly Scope[];
  /** Each scope by the name that tokens of people have for it, which is the one that is translated. */
  readonly wordOf: (scope: Scope) => CreateAccessTokenRequest['scopes'][number];
  readonly inputs: Readonly<Record<'label' | 'scope' | 'lifetime', InputProps>>;
  readonly work: { readonly isPending: boolean; readonly error: Error | null };
  readonly onSubmit: FormEventHandler<HTMLFormElement>;
  readonly close: () => void;
  /** Further inputs. */
  readonly children?: ReactNode;
}

export function TokenForm<Scope extends string>(props: TokenFormProps<Scope>) {
  const { t } = useTranslation();
  const { scopes, wordOf, inputs, work } = props;
  return (
    <form onSubmit={props.onSubmit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('tokens.label')}
          description={t('tokens.labelHint')}
          maxLength={longestLabel}
          data-autofocus
          {...inputs.label}
        />
        <NativeSelect
          label={t('tokens.scope')}
          data={scopes.map((scope) => ({ value: scope, label: t(`tokens.scopes.${wordOf(scope)}`) }))}
          {...inputs.scope}
        />
        {props.children}
        <TokenLifetimeInput {...inputs.lifetime} />
        <FailureAlert error={work.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={work.isPending}>
            {t('tokens.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
