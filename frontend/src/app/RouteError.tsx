// A page whose code could not be fetched (the server was updated meanwhile, the network is gone), or that broke.
import { useRouteError } from 'react-router';
import { Broken } from './PageBoundary';

export function RouteError() {
  const error = useRouteError();
  return <Broken error={error instanceof Error ? error : new Error(String(error))} />;
}
