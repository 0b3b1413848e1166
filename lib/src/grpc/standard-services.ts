// What every listener of ours serves beside its own services: health and reflection.
import type { DescService } from '@bufbuild/protobuf';
import { Health } from '@koi/gen/grpc/health/v1/health_pb';
import { ServerReflection } from '@koi/gen/grpc/reflection/v1/reflection_pb';
import type { Server } from 'nice-grpc';
import { createHealthService, type HealthSource, healthDefinition } from './health.ts';
import {
  createReflectionService,
  reflectionAlphaDefinition,
  reflectionDefinition,
} from './reflection.ts';

/** Adds both to a server that has, or will get, these services. */
export function addStandardServices(
  server: Server,
  services: readonly DescService[],
  health: HealthSource,
): void {
  const names = services.map(({ typeName }) => typeName);
  server.add(healthDefinition, createHealthService(names, health));
  const reflection = createReflectionService([...services, Health, ServerReflection]);
  server.add(reflectionDefinition, reflection);
  server.add(reflectionAlphaDefinition, reflection);
}
