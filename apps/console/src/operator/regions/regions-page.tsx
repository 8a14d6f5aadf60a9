import { useQuery } from '@tanstack/react-query';
import { operatorText } from '../../text/operator.js';
import { OperatorPage } from '../parts/operator-page.js';
import { RegionsTable } from './regions-table.js';
import { regionsQuery } from './queries.js';
import { listOfQuery } from '../parts/list-of-query.js';

export function RegionsPage() {
  return (
    <OperatorPage title={operatorText.pages.regions}>
      <RegionsTable list={listOfQuery(useQuery(regionsQuery))} />
    </OperatorPage>
  );
}
