/** The header: the mark, search, and the account. */
import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { useSession } from '../hub/queries.ts';
import mark from '../mark.svg';
import { patterns, signInPath } from '../routes.ts';
import { loadLater } from './load-later.tsx';
import { SearchBox } from './search-box.tsx';

/** Menus are heavy, and who is not signed in has none. */
const AccountMenu = loadLater(
  async () => (await import('./account-menu.tsx')).AccountMenu,
  <Skeleton circle height={34} />,
);

export function Header() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <header className="header">
      <nav className="header-row column" aria-label={t('frame.navigation')}>
        <Link to={patterns.home} className="brand" aria-label={t('frame.home')}>
          <img src={mark} alt="" width={30} height={30} />
          cais
        </Link>
        {/* These pages have a search box of their own. */}
        {pathname !== patterns.home && pathname !== patterns.search && (
          <div className="header-search">
            <SearchBox />
          </div>
        )}
        <div className="header-actions">
          <Account />
        </div>
      </nav>
    </header>
  );
}

/** Nothing while it is not known whether somebody is signed in: no flash of the wrong buttons. */
function Account() {
  const { t } = useTranslation();
  const { pathname, search } = useLocation();
  const session = useSession();
  if (session.isPending) return null;
  if (session.data) {
    return (
      <>
        <Button
          component={Link}
          to={patterns.createRepository}
          variant="light"
          size="sm"
          leftSection={<IconPlus size={16} aria-hidden />}
          aria-label={t('frame.create')}
        >
          {t('frame.createShort')}
        </Button>
        <AccountMenu user={session.data} />
      </>
    );
  }
  const isForm = pathname === patterns.signIn || pathname === patterns.signUp;
  return (
    <>
      <Button
        component={Link}
        to={isForm ? patterns.signIn : signInPath(pathname + search)}
        variant="subtle"
        size="sm"
      >
        {t('frame.signIn')}
      </Button>
      <Button component={Link} to={patterns.signUp} size="sm">
        {t('frame.signUp')}
      </Button>
    </>
  );
}
