/** A new repository of one's own by its name alone; the rest can be set on its page, or on the page with the whole form. */
import { Anchor, Button, Checkbox, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { HubInputError } from '../../hub-api/client-errors.ts';
import type { User } from '../../hub-api/types.ts';
import { useCreateRepository } from '../hub/mutations.ts';
import { patterns, repositoryPath } from '../routes.ts';
import { useRepositoryNameRule } from './repository-name-rule.ts';
import { FailureAlert } from './failure.tsx';

const longestName = 255;

export function QuickCreate({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateRepository();
  const [name, setName] = useState('');
  const [isPrivate, setPrivate] = useState(false);
  const [isChecked, setChecked] = useState(false);
  const chosen = name.trim();
  const wrong = useRepositoryNameRule()(chosen);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (wrong) return;
    create.mutate(
      { namespace: user.username, name: chosen, description: '', is_private: isPrivate },
      { onSuccess: ({ namespace, name: made }) => void navigate(repositoryPath(namespace, made)) },
    );
  };
  // The form of the name is right when it is sent: what the hub has against it is that somebody has it.
  const isTaken = create.error instanceof HubInputError;
  const shownError = isChecked && wrong ? wrong : isTaken ? t('create.nameTaken') : null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('home.createTitle')}
      </Title>
      <form className="quick-create" onSubmit={submit}>
        <TextInput
          label={t('create.name')}
          placeholder={t('start.name')}
          value={name}
          maxLength={longestName}
          error={shownError}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setChecked(false);
            create.reset();
          }}
        />
        <Checkbox
          label={t('home.createPrivate')}
          checked={isPrivate}
          onChange={(event) => setPrivate(event.currentTarget.checked)}
        />
        <FailureAlert error={create.error} />
        <Button type="submit" variant="light" loading={create.isPending}>
          {t('create.submit')}
        </Button>
        <Anchor component={Link} to={patterns.createRepository} size="sm">
          {t('home.createMore')}
        </Anchor>
      </form>
    </section>
  );
}
