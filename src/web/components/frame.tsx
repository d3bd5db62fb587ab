/** What surrounds every page: header with search and account, main column, footer with language and appearance. */
import { type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { ConnectionNotice } from './connection-notice.tsx';
import { CrashBoundary } from './crash-boundary.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { RepositorySkeleton } from './repository-list.tsx';

export function Frame({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const main = useFocusOnNavigation(pathname);
  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t('frame.skip')}
      </a>
      <Header />
      <ConnectionNotice />
      <main id="main" className="main column" ref={main} tabIndex={-1}>
        {/* Outside of what has a key: the page before stays until the next one is loaded. */}
        <Suspense fallback={<RepositorySkeleton />}>
          <CrashBoundary key={pathname}>{children}</CrashBoundary>
        </Suspense>
      </main>
      <Footer />
    </div>
  );
}

/** A new page starts at its top, for the eye and for the screen reader. The first page is where the browser put it. */
function useFocusOnNavigation(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
