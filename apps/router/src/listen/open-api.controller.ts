import { buildOpenApi } from '@ecolink/contracts';
import { Controller, Get, Header } from '@nestjs/common';

const DOCUMENT = JSON.stringify(buildOpenApi());

/** The published API, for programs that read it. */
@Controller('openapi.json')
export class OpenApiController {
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return DOCUMENT;
  }
}
