import { type GpuTypeView, gpuTypeName, type ListPage, putGpuType, type PutGpuType } from '@ecolink/contracts';
import { AdminGuard, type ChangeNote, NoteChange, wholeList, zodBody } from '@ecolink/service-kit';
import { Body, Controller, Get, Inject, Param, Put, UseGuards } from '@nestjs/common';
import { SaveGpuType } from '../gpu/save-gpu-type.js';

@Controller('admin/v1/gpu-types')
@UseGuards(AdminGuard)
export class AdminGpuTypesController {
  constructor(@Inject(SaveGpuType) private readonly types: SaveGpuType) {}

  @Get()
  async list(): Promise<ListPage<GpuTypeView>> {
    return wholeList(await this.types.list(), (view) => view.name);
  }

  @Put(':name')
  async put(
    @Param('name', zodBody(gpuTypeName)) name: string,
    @Body(zodBody(putGpuType)) body: PutGpuType,
    @NoteChange() note: ChangeNote,
  ): Promise<GpuTypeView> {
    const { former, type } = await this.types.put(name, body);
    note({ target: name, before: former, after: type });
    return type;
  }
}
