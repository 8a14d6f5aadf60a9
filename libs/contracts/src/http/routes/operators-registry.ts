import {
  adminInstance,
  adminInstanceList,
  adminInstancesQuery,
  terminateInstanceByAdmin,
  updateInstanceByAdmin,
} from '../../api/instances.js';
import { adminPlatformModel, adminPlatformModelList, platformModelsQuery, putPlatformModel } from '../../api/platform-models.js';
import { adminRegion, adminRegionList, patchRegion, putRegion } from '../../api/regions.js';
import type { Route } from '../route.js';

const operators = { owner: 'instance-registry', tag: 'operators', auth: 'admin', status: 200 } as const;

/** Operators' calls that instance-registry answers. */
export const REGISTRY_OPERATOR_ROUTES: readonly Route[] = [
  {
    ...operators,
    method: 'GET',
    path: '/admin/v1/platform-models',
    summary: 'Platform models',
    query: platformModelsQuery,
    response: adminPlatformModelList,
  },
  {
    ...operators,
    method: 'GET',
    path: '/admin/v1/platform-models/{id}',
    summary: 'A platform model; slashes in its id are percent-encoded',
    response: adminPlatformModel,
    errors: ['not_found'],
  },
  {
    ...operators,
    method: 'PUT',
    path: '/admin/v1/platform-models/{id}',
    summary: 'Create or change a platform model, its prices and where it runs',
    body: putPlatformModel,
    response: adminPlatformModel,
    errors: ['url_not_allowed', 'invalid_state'],
  },
  {
    ...operators,
    method: 'GET',
    path: '/admin/v1/instances',
    summary: "Everybody's instances, or one account's",
    query: adminInstancesQuery,
    response: adminInstanceList,
  },
  {
    ...operators,
    method: 'GET',
    path: '/admin/v1/instances/{id}',
    summary: 'An instance',
    response: adminInstance,
    errors: ['instance_not_found'],
  },
  {
    ...operators,
    method: 'PATCH',
    path: '/admin/v1/instances/{id}',
    summary: 'Set the per-request prices of an instance',
    body: updateInstanceByAdmin,
    response: adminInstance,
    errors: ['instance_not_found'],
  },
  {
    ...operators,
    method: 'POST',
    path: '/admin/v1/instances/{id}/terminate',
    summary: 'Terminate an instance for good',
    body: terminateInstanceByAdmin,
    response: adminInstance,
    errors: ['instance_not_found', 'invalid_state'],
  },
  { ...operators, method: 'GET', path: '/admin/v1/regions', summary: 'Regions and their gateways', response: adminRegionList },
  {
    ...operators,
    method: 'PUT',
    path: '/admin/v1/regions/{code}',
    summary: 'Create or change a region',
    body: putRegion,
    response: adminRegion,
  },
  {
    ...operators,
    method: 'PATCH',
    path: '/admin/v1/regions/{code}',
    summary: 'Change parts of a region',
    body: patchRegion,
    response: adminRegion,
    errors: ['not_found'],
  },
];
