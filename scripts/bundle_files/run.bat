@echo off
rem Drop a study.toml, or the folder with one, onto this file.
rem ASCII only: the console reads this file in its own code page.
setlocal enableextensions disabledelayedexpansion
set "QH_STUDY="
if not "%~1"=="" set "QH_STUDY=%~f1"
pushd "%~dp0"
if errorlevel 1 goto nofolder
if not exist "venv\Scripts\python.exe" goto notinstalled
"venv\Scripts\python.exe" -I -X utf8 run.py "%QH_STUDY%"
set "QH_CODE=%errorlevel%"
goto end

:notinstalled
set "QH_CODE=1"
echo Quarterhour is not installed here yet: run install.bat first.
set "QH_PAGE="
for /f "tokens=2 delims=:." %%c in ('chcp') do set "QH_PAGE=%%c"
chcp 65001 >nul
type "messages\not-installed.txt"
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
