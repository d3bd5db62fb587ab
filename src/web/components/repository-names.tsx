/** Inputs that choose among the repositories of a namespace, by a part of their name: one of them, or several. */
import { MultiSelect, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRepositories } from '../hub/queries.ts';

const typingPause = 200;
const offered = 20;

/** Those whose name has what was typed. */
function useOffered(namespace: string) {
  const [typed, setTyped] = useState('');
  const [name] = useDebouncedValue(typed.trim(), typingPause);
  const found = useRepositories(namespace, { page_size: offered, ordering: 'name', ...(name && { name }) });
  return { typed, setTyped, names: found.data?.results.map((repository) => repository.name) ?? [] };
}

interface RepositoryNamesProps {
  readonly namespace: string;
  /** `acme/app` */
  readonly value?: string[];
  readonly onChange?: (paths: string[]) => void;
  readonly error?: ReactNode;
}

export function RepositoryNames({ namespace, value = [], onChange, error }: RepositoryNamesProps) {
  const { t } = useTranslation();
  const { typed, setTyped, names } = useOffered(namespace);
  const paths = names.map((name) => `${namespace}/${name}`);
  return (
    <MultiSelect
      label={t('account.repositories')}
      // What was chosen stays, whatever is searched for by now.
      data={[...new Set([...value, ...paths])]}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={t('list.noMatch', { query: typed })}
      value={value}
      onChange={onChange ?? (() => undefined)}
      error={error}
    />
  );
}

interface RepositoryNameProps {
  readonly namespace: string;
  readonly value: string | null;
  readonly onChange: (name: string | null) => void;
  readonly error?: ReactNode;
}

export function RepositoryName({ namespace, value, onChange, error }: RepositoryNameProps) {
  const { t } = useTranslation();
  const { typed, setTyped, names } = useOffered(namespace);
  return (
    <Select
      label={t('teams.repository')}
      data={[...new Set([...(value === null ? [] : [value]), ...names])]}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={t('list.noMatch', { query: typed })}
      flex="1 1 180px"
      maw={300}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}
