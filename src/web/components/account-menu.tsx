/** The menu of who is signed in. */
import { Avatar, Menu, UnstyledButton, VisuallyHidden } from '@mantine/core';
import {
  IconLogout,
  IconPackages,
  IconPlus,
  IconSettings,
  IconShield,
  IconUsersGroup,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { User } from '../../hub-api/types.ts';
import { useSignOut } from '../hub/mutations.ts';
import { accountPath, patterns } from '../routes.ts';

export function AccountMenu({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={220} shadow="md">
      <Menu.Target>
        <UnstyledButton style={{ borderRadius: '50%' }}>
          <Avatar name={user.username} color="quay" radius="xl" size={34} alt="" />
          <VisuallyHidden>{t('frame.account')}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.username}</Menu.Label>
        <Menu.Item
          component={Link}
          to={accountPath(user.username)}
          leftSection={<IconPackages size={16} aria-hidden />}
        >
          {t('frame.myRepositories')}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={patterns.organizations}
          leftSection={<IconUsersGroup size={16} aria-hidden />}
        >
          {t('organizations.title')}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={patterns.createRepository}
          leftSection={<IconPlus size={16} aria-hidden />}
        >
          {t('frame.create')}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={patterns.settings}
          leftSection={<IconSettings size={16} aria-hidden />}
        >
          {t('frame.settings')}
        </Menu.Item>
        {user.is_admin && (
          <Menu.Item
            component={Link}
            to={patterns.administration}
            leftSection={<IconShield size={16} aria-hidden />}
          >
            {t('administration.title')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => signOut.mutate(undefined, { onSuccess: () => void navigate(patterns.home) })}
        >
          {t('frame.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
