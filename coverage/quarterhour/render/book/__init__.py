"""The workbook: sheets, charts and print setup."""
