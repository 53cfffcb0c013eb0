@echo off
rem Installs Quarterhour into the folder venv beside this file, without a network.
rem ASCII only: the console reads this file in its own code page.
setlocal enableextensions disabledelayedexpansion
pushd "%~dp0"
if errorlevel 1 goto nofolder
set "QH_PYTHON="
if defined PYTHON call :try "%PYTHON%"
if not defined QH_PYTHON call :try py -@PYTHON@
if not defined QH_PYTHON call :try python
if not defined QH_PYTHON call :try python3
if not defined QH_PYTHON goto nopython
%QH_PYTHON% -I -X utf8 install.py %*
set "QH_CODE=%errorlevel%"
goto end

:try
%* -c "import struct, sys; sys.exit(sys.version_info[:2] != (@PYTHON_TUPLE@) or struct.calcsize('P') != 8)" >nul 2>nul
if "%errorlevel%"=="0" set QH_PYTHON=%*
exit /b 0

:nopython
set "QH_CODE=1"
echo Python @PYTHON@ (64-bit) was not found. Install it from python.org and run install.bat again.
set "QH_PAGE="
for /f "tokens=2 delims=:." %%c in ('chcp') do set "QH_PAGE=%%c"
chcp 65001 >nul
type "messages\no-python.txt"
if defined QH_PAGE chcp %QH_PAGE% >nul
goto end

:nofolder
echo This folder cannot be opened: %~dp0
pause
exit /b 1

:end
popd
pause
exit /b %QH_CODE%
