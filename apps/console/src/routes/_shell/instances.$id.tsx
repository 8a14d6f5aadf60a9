import { createFileRoute } from '@tanstack/react-router';
import { preload } from '../../api/preload.js';
import { InstancePage } from '../../features/instances/instance-page.js';
import { instanceQuery } from '../../features/instances/queries.js';

export const Route = createFileRoute('/_shell/instances/$id')({
  loader: ({ context: { queryClient }, params: { id } }) => preload(queryClient.query(instanceQuery(Number(id)))),
  component: InstanceRoute,
});

function InstanceRoute() {
  return <InstancePage id={Number(Route.useParams().id)} />;
}
