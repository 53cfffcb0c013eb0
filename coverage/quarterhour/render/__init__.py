"""The only drawers: what an analysis found, as pages, workbooks and layers."""
